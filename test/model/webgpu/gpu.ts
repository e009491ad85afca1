import { existsSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { type Opened, openDevice } from '../../../src/model/webgpu/device.ts';

/** Debian's chromium brings a Vulkan driver that is a program; Dawn takes it where no other is named. */
const inSoftware = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** A device, in software where the host has no GPU; skips where there is none, unless servers are required. */
export async function deviceFor(t: ExecutionContext): Promise<Opened | undefined> {
  if (existsSync(inSoftware)) process.env['VK_ICD_FILENAMES'] ??= inSoftware;
  const opened = await openDevice();
  if ('device' in opened) return opened;
  if (process.env['REDTIDE_REQUIRE_SERVERS'] === '1') throw new Error(opened.problem);
  t.log(`skipped: ${opened.problem}`);
  t.pass();
  return undefined;
}
