import type { Channel } from '../alerts/channel.ts';
import type { Compose } from '../alerts/message.ts';
import { createMqttNotifier, type Publish } from '../alerts/mqtt-notifier.ts';
import { createTerminalNotifier, type TerminalOptions } from '../alerts/terminal-notifier.ts';
import type { Config } from '../config/schema.ts';

/** How the configured channels reach people: the terminal's lines, and a way to publish over MQTT. */
export interface Voices {
  readonly lines: TerminalOptions['stream'];
  readonly mqtt: (topic: string) => { readonly publish: Publish; readonly close?: () => Promise<void> };
}

export function channelsOf({ notify }: Config, voices: Voices): (compose: Compose) => readonly Channel[] {
  return (compose) =>
    notify.map((channel) => ({
      notifier:
        channel.kind === 'terminal'
          ? createTerminalNotifier({ name: channel.name, stream: voices.lines, compose })
          : createMqttNotifier({
              name: channel.name,
              topic: channel.topic,
              compose,
              ...voices.mqtt(channel.topic),
            }),
    }));
}
