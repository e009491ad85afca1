import type { IClientOptions } from 'mqtt';

/** Where a broker is and who we are to it; the same for those who listen and those who publish. */
export interface MqttConnection {
  /** mqtt://, mqtts://, ws:// or wss:// */
  readonly url: string;
  /** 4 is MQTT 3.1.1. */
  readonly protocol: 4 | 5;
  /** A broker lets one connection have it, and keeps a session by it. */
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM texts. */
  readonly tls?:
    | {
        readonly ca?: string | undefined;
        readonly certificate?: string | undefined;
        readonly key?: string | undefined;
        readonly serverName?: string | undefined;
      }
    | undefined;
  /** ms between attempts to connect; 1 s unless given, 0 for only one. */
  readonly reconnectPeriod?: number | undefined;
}

/** The options of MQTT.js that every connection has. It takes none that is undefined. */
export function connectionOptions(connection: MqttConnection): IClientOptions {
  const { protocol, clientId, username, password, tls, reconnectPeriod = 1000 } = connection;
  const given = {
    username,
    password,
    ca: tls?.ca,
    cert: tls?.certificate,
    key: tls?.key,
    servername: tls?.serverName,
  };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...known, protocolVersion: protocol, clientId, reconnectPeriod };
}
