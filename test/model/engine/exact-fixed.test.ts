import test from 'ava';
import { holdsExactly } from './exactness.ts';

holdsExactly(test, 'fixed');
