// Worker threads cannot load TypeScript through tsx on Node 20; processes isolate sockets and servers as well.
export default {
  files: ['test/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx', '--no-warnings'],
  workerThreads: false,
  timeout: '3m',
};
