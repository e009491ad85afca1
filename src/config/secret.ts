import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Where a secret is: the name of an environment variable or a file. Never the secret itself. */
export type SecretSource = { readonly env: string } | { readonly file: string };

export const secretSchema = z.union([
  z.strictObject({ env: z.string() }),
  z.strictObject({ file: z.string() }),
]);

/** Reads a secret; the error names the place, never the content. */
export function readSecret(source: SecretSource, env: NodeJS.ProcessEnv = process.env): string {
  if ('env' in source) {
    const value = env[source.env];
    if (!value)
      throw new Error(`environment variable ${source.env} is not set; set it or use { file: PATH }`);
    return value;
  }
  try {
    return readFileSync(source.file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new Error(`secret file ${source.file} cannot be read: ${(error as Error).message}`);
  }
}
