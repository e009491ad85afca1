// Stands in for @tensorflow/tfjs-node: registers the backend `tensorflow`, here with the kernels of `cpu`, and calls
// what the real one calls of node:util when it is loaded.
import util from 'node:util';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

const legacy = util as unknown as Record<string, (value: unknown) => boolean>;
if (!legacy['isNullOrUndefined']!(null) || !legacy['isUndefined']!(undefined))
  throw new Error('no such functions');
if (legacy['isNullOrUndefined']!(0) || legacy['isUndefined']!(null)) throw new Error('wrong functions');

tf.registerBackend('tensorflow', () => new MathBackendCPU(), 3);
tf.copyRegisteredKernels('cpu', 'tensorflow');
