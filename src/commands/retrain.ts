import cron from 'node-cron';
import { loadConfig } from '../config/load.ts';
import { openDisk } from '../disk.ts';
import { type Command, exit, flag, UsageError } from './command.ts';
import { holdContest } from './contest.ts';
import { withParent } from './contest-child.ts';
import { openLog } from './shore.ts';
import { requireGpuOption, trainerOf } from './train.ts';
import { Trainer } from './trainer.ts';

export const command: Command = {
  summary: 'trains on a schedule and publishes to the folder that the edge watches',
  usage: 'FILE [--once | --runs] [--require-gpu]',
  about: `On the cron schedule of retrain/schedule in the configuration FILE (UTC), a child process fits the candidates
(retrain/networks and the plain baselines) on the store's history of the last retrain/history, and judges them beside the
model in service on a recent and on an older hold-out that none of them learned from. The best that is proven better is
published into model/folder, and a running edge that watches it takes it without a restart; else the present model
stays. docs/retrainer.md says how it is judged. Every attempt, with the numbers and reasons of its decision, is in a ledger in retrain/data: what was missed while the trainer
was down is made up for once, what failed is tried again, and only one trainer at a time is at work on a model folder,
on whichever host. Where what the edge has verified says that the model in service does worse than it did (drift, or
fallen skill), a run comes early. With --once it trains now and ends, for systemd timers and Kubernetes;
exit code 3 says that the present model stays. LSTMs are trained by
retrain/backend; which GPU it was, and why, is in the ledger, and in the manifest of what it trained.`,
  options: {
    once: { type: 'boolean', help: 'train now, and end' },
    'require-gpu': requireGpuOption,
    runs: { type: 'boolean', help: 'show the ledger, newest first, with the reasons, and end' },
    json: { type: 'boolean', help: '--runs: one JSON object a line, with all numbers' },
    contest: { type: 'boolean', help: 'what the child does: fit, judge, publish' },
    from: { type: 'string', value: 'TIME', help: '--contest: history from here on' },
  },
  async run(values, [file], io) {
    if (!file) throw new UsageError('needs a configuration file');
    const config = loadConfig(file);
    if (!cron.validate(config.retrain.schedule))
      throw new UsageError(`retrain/schedule "${config.retrain.schedule}" is no cron expression`);
    if (flag(values, 'contest')) return holdContest(config, values, withParent(io));
    const requireGpu = flag(values, 'require-gpu');
    const once = flag(values, 'once');
    // What waits for its schedule should not find out at night.
    if (requireGpu && !once && !flag(values, 'runs'))
      await trainerOf(config, values, config.retrain.networks);
    const disk = openDisk(config.retrain.data);
    const trainer = new Trainer({ file, config, disk, io, requireGpu });
    try {
      if (flag(values, 'runs')) return trainer.show(flag(values, 'json'));
      if (once) {
        const code = await trainer.run({ due: Date.now(), cause: 'asked', attempt: 1 });
        await trainer.deliverOnce();
        return code;
      }
      await trainer.follow(openLog(config.log, io.out));
      return exit.ok;
    } finally {
      await disk.close();
    }
  },
};
