/** The process of ../ingest/ingest-process.ts, made wrong by REDTIDE_MUTANT where it is set. */
import { mutate } from './mutants.ts';

mutate(process.env['REDTIDE_MUTANT']);
await import('../ingest/ingest-process.ts');
