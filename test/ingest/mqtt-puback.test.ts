import test from 'ava';
import { generate, type Packet, parser } from 'mqtt-packet';
import { pubacks } from '../../src/ingest/mqtt-puback.ts';

const ids = [1, 2, 255, 256, 65_535];

test('MQTT 3.1.1: the bytes that mqtt-packet writes', (t) => {
  const theirs = ids.map((messageId) => generate({ cmd: 'puback', messageId }, { protocolVersion: 4 }));
  t.deepEqual(pubacks(ids), Buffer.concat(theirs));
});

test('MQTT 5: mqtt-packet reads them as successes', (t) => {
  const read: Packet[] = [];
  const packets = parser({ protocolVersion: 5 });
  packets.on('packet', (packet) => read.push(packet));
  packets.parse(pubacks(ids));
  t.deepEqual(
    read.map((packet) => packet.cmd === 'puback' && [packet.cmd, packet.messageId, packet.reasonCode]),
    ids.map((id) => ['puback', id, 0]),
  );
});
