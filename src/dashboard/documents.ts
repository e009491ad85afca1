import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Document {
  readonly type: string;
  readonly body: string;
}

/** Published files, by the path that they are asked for; undefined where there is none. */
export type Documents = (path: string) => Promise<Document | undefined>;

const types: Readonly<Record<string, string>> = {
  xml: 'application/cap+xml; charset=utf-8',
  atom: 'application/atom+xml; charset=utf-8',
};

/** `/PREFIX/NAME.xml` and `/PREFIX/NAME.atom` from the folder of that prefix, and nothing else that lies there. */
export function documentsIn(folders: ReadonlyMap<string, string>): Documents {
  return async (path) => {
    const [, prefix = '', name = '', extension = ''] = /^\/([^/]+)\/([\w-]+)\.(xml|atom)$/.exec(path) ?? [];
    const folder = folders.get(prefix);
    if (folder === undefined) return undefined;
    try {
      return { type: types[extension]!, body: await readFile(join(folder, `${name}.${extension}`), 'utf8') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
}
