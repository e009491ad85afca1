import test from 'ava';
import mqtt from 'mqtt';
import { AedesSource } from '../../src/ingest/aedes-source.ts';
import { MqttSource } from '../../src/ingest/mqtt-source.ts';
import { Gate, until } from '../contracts/source.ts';
import { freePort, startMosquitto } from '../servers.ts';
import { makeCertificates, pem } from './certificates.ts';

const clock = () => 0;

test('own broker over TLS: a gateway that trusts the authority publishes, one that does not is not fooled', async (t) => {
  const certificates = makeCertificates(t);
  if (!certificates) return;
  const gate = new Gate();
  gate.open();
  const tls = { certificate: pem(certificates.server.certificate), key: pem(certificates.server.key) };
  const source = new AedesSource({ host: '127.0.0.1', port: 0, topics: ['n'], clock, tls });
  t.teardown(() => source.stop());
  await source.start(gate.accept);
  const url = `mqtts://127.0.0.1:${source.address!.port}`;
  const client = await mqtt.connectAsync(url, { ca: pem(certificates.ca), reconnectPeriod: 0 });
  t.teardown(() => client.end(true));
  await client.publishAsync('n', 'one', { qos: 1 });
  t.deepEqual(gate.received, ['one']);
  await t.throwsAsync(mqtt.connectAsync(url, { reconnectPeriod: 0 }), { message: /unable to verify/ });
});

test('Mosquitto over TLS that wants a client certificate', async (t) => {
  const certificates = makeCertificates(t);
  if (!certificates) return;
  const { ca, server, client } = certificates;
  const port = await freePort();
  const settings = [
    `cafile ${ca}`,
    `certfile ${server.certificate}`,
    `keyfile ${server.key}`,
    'require_certificate true',
  ];
  const broker = await startMosquitto(t, [`listener ${port} 127.0.0.1`, ...settings].join('\n'));
  if (!broker) return;
  const gate = new Gate();
  gate.open();
  const reports: string[] = [];
  const options = {
    url: `mqtts://127.0.0.1:${port}`,
    protocol: 5,
    topics: ['n'],
    clock,
    reconnectPeriod: 50,
  } as const;
  const tls = { ca: pem(ca), certificate: pem(client.certificate), key: pem(client.key) };
  const source = new MqttSource({ ...options, clientId: 'with', tls });
  t.teardown(() => source.stop());
  await source.start(gate.accept);
  const publisher = await mqtt.connectAsync(broker.url);
  t.teardown(() => publisher.end(true));
  await publisher.publishAsync('n', 'one', { qos: 1 });
  await until('the message', () => gate.received.length === 1);

  const without = new MqttSource({
    ...options,
    clientId: 'without',
    tls: { ca: pem(ca) },
    report: (_, what) => reports.push(what),
  });
  const starting = without.start(gate.accept);
  await until('a report', () => reports.length > 0);
  await without.stop();
  await t.throwsAsync(starting);
});
