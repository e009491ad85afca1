import type { Config } from '../config/schema.ts';
import { topicOf } from '../ingest/file-source.ts';
import { withoutFlagged } from '../ingest/source-flags.ts';
import { runPipeline } from '../pipeline.ts';
import { planOf, settingsOf } from '../plan.ts';
import { MemoryKeep } from '../stream/kept.ts';
import type { Step } from '../stream/step.ts';
import { readAll, type Survey } from './files.ts';

/**
 * Step means of files, made by the same pipeline that makes them at the edge: a model is trained on what it will see.
 * The last revision of each step counts. Values that the source flagged as interpolated, suspect or rejected are left
 * out.
 */
export async function stepsOfFiles(
  { files, formats }: Survey,
  config: Config,
  onProgress?: (read: number, total: number) => void,
): Promise<Step[]> {
  const steps = new Map<string, Step>();
  const push = runPipeline({
    ...settingsOf(planOf({ ...config, rules: [] }, formats)),
    predictor: () => undefined,
    keep: new MemoryKeep(),
    onDuplicate: () => {},
  });
  const clean = new Map(files.map((file) => [topicOf(file), withoutFlagged(file.mapping)]));
  let sequence = 0;
  let newest = 0;
  const collect = (record: Parameters<typeof push>[0]) => {
    for (const outcome of push(record))
      if (outcome.kind === 'steps')
        for (const step of outcome.steps)
          steps.set(`${step.station}\n${step.sensor}\n${step.variable}\n${step.start}`, step);
  };
  await readAll(
    files,
    (message) => {
      newest = Math.max(newest, message.receivedAt);
      const emptied = clean.get(message.topic)?.(Buffer.from(message.payload).toString());
      const payload = emptied === undefined ? message.payload : Buffer.from(emptied);
      collect({ kind: 'message', sequence: ++sequence, ...message, payload });
      return true;
    },
    onProgress,
  );
  // The last cells of each station close when it has been silent for long enough.
  collect({ kind: 'tick', sequence: ++sequence, time: newest + config.stream.idle + 2 * config.stream.step });
  return [...steps.values()];
}
