/** What bin/redtide.js is, from the sources: the tests of the command line need no build. */
import { main } from '../../src/main.ts';

process.exitCode = await main(process.argv.slice(2));
