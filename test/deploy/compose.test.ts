import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { exampleRules } from '../../src/commands/shore.ts';
import { loadRules, parseConfig } from '../../src/config/load.ts';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly volumes: readonly string[];
  readonly ports: readonly string[];
  readonly healthcheck?: unknown;
  readonly stop_grace_period: string;
  readonly secrets?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<'mosquitto' | 'influxdb' | 'grafana' | 'redtide', Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const root = new URL('../../', import.meta.url).pathname;
const edge = 'deploy/edge';
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const compose: Compose = parse(read(`${edge}/compose.yaml`));
const { services } = compose;
const config = parseConfig(read(`${edge}/redtide.compose.yaml`), 'redtide.compose.yaml');
const dockerfile = read(`${edge}/Dockerfile`);
const mounts = Object.values(services).flatMap(({ volumes }) => volumes.map((volume) => volume.split(':')));

test('four services, the published ones pinned, each with a health check and time to stop', (t) => {
  t.deepEqual(Object.keys(services), ['mosquitto', 'influxdb', 'grafana', 'redtide']);
  for (const name of ['mosquitto', 'influxdb'] as const) {
    t.regex(services[name].image!, /:\d+\.\d+\.\d+$/);
    t.truthy(services[name].healthcheck);
    t.is(services.redtide.depends_on?.[name]?.condition, 'service_healthy');
  }
  t.regex(dockerfile, /^HEALTHCHECK/m);
  for (const service of Object.values(services)) t.regex(service.stop_grace_period, /^\d\ds$/);
});

test('what is mounted is a declared volume, a file of the repository, or a secret that the READMEs make', (t) => {
  const told = read(`${edge}/README.md`) + read('deploy/mosquitto/README.md');
  const sources = [
    ...mounts.map(([source]) => source!),
    ...Object.values(compose.secrets).map(({ file }) => file),
  ];
  for (const source of sources) {
    const path = normalize(join(edge, source));
    if (!source.startsWith('.')) t.true(source in compose.volumes, source);
    else if (path.startsWith('deploy/secrets/'))
      t.true(told.includes(dirname(path)) && told.includes(path.split('/').at(-1)!), path);
    else t.true(existsSync(join(root, path)), path);
  }
  t.deepEqual(
    Object.keys(compose.volumes).filter((name) => !mounts.some(([source]) => source === name)),
    [],
  );
});

test('secrets are kept out of the repository', (t) => {
  t.regex(read('deploy/.gitignore'), /^secrets\/$/m);
  t.notRegex(read(`${edge}/compose.yaml`), /PASSWORD: \S/);
});

test('the data of all three survive the containers', (t) => {
  const kept = (service: Service) => service.volumes.map((volume) => volume.split(':')[1]!);
  t.true(kept(services.mosquitto).includes('/mosquitto/data'));
  t.true(kept(services.influxdb).includes('/var/lib/influxdb'));
  t.true(kept(services.redtide).includes(config.data));
  t.true(config.model.folder.startsWith(`${config.data}/`));
});

test('the configuration speaks to the services beside it, with the secrets that it is given', (t) => {
  t.like(config.broker, { url: 'mqtts://mosquitto:8883', username: 'redtide' });
  t.like(config.store, { kind: 'influx', url: 'http://influxdb:8086' });
  t.regex(read('deploy/mosquitto/mosquitto.conf'), /^listener 8883$/m);
  const files = [...JSON.stringify(config).matchAll(/"(\/[^"]+)"/g)].map(([, path]) => path!);
  const given = [
    ...(services.redtide.secrets ?? []).map((name) => `/run/secrets/${name}`),
    ...services.redtide.volumes.map((volume) => volume.split(':')[1]!),
  ];
  for (const file of files)
    t.true(
      given.some((path) => file.startsWith(path)),
      file,
    );
});

test('what Mosquitto reads is where compose puts it', (t) => {
  const text = read('deploy/mosquitto/mosquitto.conf');
  const paths = [...text.matchAll(/^\w+ (\/mosquitto\/\S+)$/gm)].map(([, path]) => path!);
  t.true(paths.length >= 5);
  const places = services.mosquitto.volumes.map((volume) => volume.split(':')[1]!);
  for (const path of paths)
    t.true(
      places.some((place) => `${path}/`.startsWith(`${place}/`)),
      path,
    );
});

test('Grafana finds its provisioning, its dashboards and the data source', (t) => {
  const { volumes, image, healthcheck } = services.grafana;
  t.regex(image!, /:\d+\.\d+\.\d+$/);
  t.truthy(healthcheck);
  const places = volumes.map((volume) => volume.split(':')[1]!);
  const [provider] = parse(read('deploy/grafana/provisioning/dashboards/redtide.yaml')).providers;
  t.true(places.includes(provider.options.path));
  const source = read('deploy/grafana/provisioning/datasources/redtide.yaml');
  const asked = [...source.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!);
  const told = read(`${edge}/README.md`) + read(`${edge}/compose.yaml`);
  for (const name of asked) t.true(told.includes(name), name);
});

test('nothing but the TLS listener is open to the network', (t) => {
  const open = Object.values(services).flatMap(({ ports }) =>
    ports.filter((port) => !port.startsWith('127.0.0.1:')),
  );
  t.deepEqual(open, ['8883:8883']);
  t.true(services.redtide.ports.includes(`127.0.0.1:${config.http.port}:${config.http.port}`));
});

test('the rules are among the examples', (t) => {
  const examples = loadRules(exampleRules);
  for (const rule of config.rules)
    t.like(
      { ...rule, provenance: undefined },
      { ...examples.find(({ id }) => id === rule.id)!, provenance: undefined },
    );
});

test('the image is built in stages from files that there are, and runs as nobody special', (t) => {
  const { context, dockerfile: path } = services.redtide.build!;
  t.is(normalize(join(edge, context)), '.');
  t.true(existsSync(join(root, path)));
  t.true(dockerfile.match(/^FROM /gm)!.length >= 2);
  const ignored = read(`${edge}/Dockerfile.dockerignore`).split('\n');
  for (const [, sources] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
    for (const source of sources!.split(' ')) {
      t.true(existsSync(join(root, source)), source);
      t.true(ignored.includes(`!${source}`), `${source} is not in the build's context`);
    }
  t.regex(dockerfile, /\nUSER node\n[\s\S]*\nENTRYPOINT/);
});
