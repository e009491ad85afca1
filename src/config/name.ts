import { z } from 'zod';

/** What things are called: it goes into topics, tags and addresses. */
export const name = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}_.:-]*$/u, 'must be letters, digits, _ . : or - only');
