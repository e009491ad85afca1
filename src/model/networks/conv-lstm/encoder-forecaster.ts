import {
  input,
  layers as kinds,
  type LayersModel,
  model,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { declaredParameters, type Sizes } from '../declared-layer.ts';
import { ConvLstm } from './conv-lstm.ts';

export interface EncoderForecasterSpec {
  /** Of a frame: [height, width, channels]. Squares of pixels that became channels come so (patches.ts). */
  readonly frame: readonly [number, number, number];
  /** Frames that are seen, and frames that are forecast. */
  readonly seen: number;
  readonly ahead: number;
  /** Hidden channels of each layer, lowest first. */
  readonly hidden: readonly number[];
  readonly inputKernel: number;
  readonly stateKernel: number;
  /** The hidden states that make a frame: of all layers of the forecaster, or of its lowest alone. */
  readonly head: 'all' | 'lowest';
  readonly activation: 'sigmoid' | 'linear';
  readonly seed?: number;
  readonly start?: 'glorot' | 'zeros';
}

/**
 * The encoding-forecasting structure (Shi et al. 2015, section 3.2): the encoder reads the frames; its last states
 * become the first states of the forecaster, layer by layer; the forecaster's highest layer has no input at all, each
 * lower one has the layer above; a 1x1 convolution of its hidden states, side by side, makes the frames.
 *
 * x [batch, seen, height, width, channels] to [batch, ahead, height, width, channels].
 */
export function encoderForecaster(spec: EncoderForecasterSpec): LayersModel {
  const frames = input({ shape: [spec.seen, ...spec.frame] });
  const states: (readonly [SymbolicTensor, SymbolicTensor])[] = [];
  const encode = (below: SymbolicTensor, { layer }: Placed) => {
    const [sequence, h, c] = layer.apply(below) as [SymbolicTensor, SymbolicTensor, SymbolicTensor];
    states.push([h, c]);
    return sequence;
  };
  encoder(spec).reduce(encode, frames);
  const hidden: SymbolicTensor[] = [];
  for (const [n, { layer }] of forecaster(spec).entries())
    hidden.push(layer.apply([...hidden.slice(-1), ...states.at(-1 - n)!]) as SymbolicTensor);
  return model({ inputs: frames, outputs: head(spec, hidden) });
}

function head(spec: EncoderForecasterSpec, hidden: SymbolicTensor[]): SymbolicTensor {
  const { activation, seed, start } = spec;
  // On five axes a dense layer is a 1x1 convolution.
  const dense = kinds.dense({
    units: spec.frame[2],
    activation,
    kernelInitializer:
      start === 'zeros' ? 'zeros' : { className: 'GlorotUniform', config: seed ? { seed: seed + 999 } : {} },
  } as Parameters<typeof kinds.dense>[0]);
  const sees = spec.head === 'all' && hidden.length > 1;
  return dense.apply(
    sees ? (kinds.concatenate({ axis: -1 }).apply(hidden) as SymbolicTensor) : hidden.at(-1)!,
  ) as SymbolicTensor;
}

interface Placed {
  readonly layer: ConvLstm;
  readonly inputs: readonly Sizes[];
}

/** Lowest first. */
function encoder(spec: EncoderForecasterSpec): Placed[] {
  const [height, width, channels] = spec.frame;
  return spec.hidden.map((filters, n) => ({
    layer: new ConvLstm({ ...common(spec, filters, n), returnSequences: true, returnState: true }),
    inputs: [[null, spec.seen, height, width, spec.hidden[n - 1] ?? channels]],
  }));
}

/** Highest first. */
function forecaster(spec: EncoderForecasterSpec): Placed[] {
  const [height, width] = spec.frame;
  return spec.hidden.toReversed().map((filters, n) => {
    const own = common(spec, filters, spec.hidden.length + n);
    const state = [null, height, width, filters];
    if (n === 0)
      return {
        layer: new ConvLstm({ ...own, returnSequences: true, steps: spec.ahead }),
        inputs: [state, state],
      };
    const above = [null, spec.ahead, height, width, spec.hidden.at(-n)!];
    return { layer: new ConvLstm({ ...own, returnSequences: true }), inputs: [above, state, state] };
  });
}

const common = (
  { inputKernel, stateKernel, seed, start }: EncoderForecasterSpec,
  filters: number,
  n: number,
) => ({
  filters,
  inputKernel,
  stateKernel,
  ...(seed !== undefined && { seed: seed + 10 * n }),
  ...(start && { start }),
});

/** Parameters of the network, from what its layers declare; nothing is allocated. */
export function encoderForecasterParameters(spec: EncoderForecasterSpec): number {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  const channels = spec.frame[2];
  const seenByHead = spec.head === 'all' ? sum(spec.hidden) : spec.hidden[0]!;
  return (
    sum(
      [...encoder(spec), ...forecaster(spec)].map(({ layer, inputs }) => declaredParameters(layer, inputs)),
    ) +
    (seenByHead + 1) * channels
  );
}
