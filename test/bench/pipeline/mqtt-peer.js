// The least that a program can do: MQTT.js receives at QoS 1 and parses. `mqtt-peer.js URL CLIENT PROTOCOL`.
import mqtt from 'mqtt';

const [url, clientId, protocolVersion] = process.argv.slice(2);
const client = mqtt.connect(url, {
  clientId,
  protocolVersion: Number(protocolVersion),
  clean: false,
  properties: { sessionExpiryInterval: 3600, receiveMaximum: 2000 },
});
let [messages, values, said] = [0, 0, 0];
client.on('message', (_topic, payload) => {
  messages++;
  values += Object.keys(JSON.parse(payload).values).length;
});
client.on('connect', () =>
  client.subscribe('buoys/+/telemetry', { qos: 1 }, () => process.stdout.write('ready\n')),
);
setInterval(() => {
  if (messages !== said) process.stdout.write(`${messages} ${values}\n`);
  said = messages;
}, 20);
