import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

const mark = '/run/systemd/timesync/synchronized';

/**
 * Whether the host's clock is synchronised, as the kernel says (adjtimex, by timedatectl, whichever service keeps the
 * time) or systemd-timesyncd; undefined on a host that has neither, such as a container.
 */
export function isSynchronised(): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const args = ['show', '--property=NTPSynchronized', '--value'];
    execFile('timedatectl', args, { timeout: 2000 }, (error, out) => {
      if (!error && /^(yes|no)$/.test(out.trim())) resolve(out.trim() === 'yes');
      else resolve(existsSync(mark) ? true : undefined);
    });
  });
}
