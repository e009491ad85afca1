#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { main } from '../dist/main.js';

// Young objects are few here when they are collected, and an edge has few cores: helper threads cost more than they
// save (a tenth of the CPU of the way of a reading, docs/performance.md). V8 heeds this flag at each collection.
setFlagsFromString('--no-parallel-scavenge');

process.exitCode = await main(process.argv.slice(2));
