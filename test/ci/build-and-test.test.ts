import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { calls, newAgent, type Ran, runPipeline } from './support/run-pipeline.ts';
import { has } from './support/tools.ts';

interface Language {
  readonly language: string;
  readonly tool: string;
  readonly files: Readonly<Record<string, string>>;
  /** What makes one test of the application fail. */
  readonly broken: Readonly<Record<string, string>>;
}

const NODE = {
  'package-lock.json': JSON.stringify({
    name: 'app',
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'app' } },
  }),
  'package.json': JSON.stringify({
    name: 'app',
    type: 'module',
    scripts: { build: 'mkdir -p dist && cp main.mjs dist/', test: 'node --test test.mjs' },
  }),
  'main.mjs': 'export const two = 2;\n',
};

const nodeTest = (value: number) =>
  `import assert from 'node:assert';\nimport { test } from 'node:test';\nimport { two } from './main.mjs';\ntest('two', () => assert.equal(two, ${value}));\n`;
const pythonTest = (value: number) =>
  `import unittest\n\n\nclass Two(unittest.TestCase):\n    def test_two(self):\n        self.assertEqual(1 + 1, ${value})\n`;
const goTest = (value: number) =>
  `package main\n\nimport "testing"\n\nfunc TestTwo(t *testing.T) {\n\tif two() != ${value} {\n\t\tt.Fatal(two())\n\t}\n}\n`;

const LANGUAGES: readonly Language[] = [
  {
    language: 'node',
    tool: 'npm',
    files: { ...NODE, 'test.mjs': nodeTest(2) },
    broken: { 'test.mjs': nodeTest(3) },
  },
  {
    language: 'python',
    tool: 'python3',
    files: { 'main.py': 'print(2)\n', 'tests/test_two.py': pythonTest(2) },
    broken: { 'tests/test_two.py': pythonTest(3) },
  },
  {
    language: 'go',
    tool: 'go',
    files: {
      'go.mod': 'module forge.example/app\n\ngo 1.21\n',
      'main.go': 'package main\n\nfunc two() int { return 2 }\n\nfunc main() { _ = two() }\n',
      'main_test.go': goTest(2),
    },
    broken: { 'main_test.go': goTest(3) },
  },
];

/** The toolchain itself where the machine has it; else one that only notes its calls. */
function build(
  language: string,
  tool: string,
  files: Readonly<Record<string, string>>,
  standIn = !has(tool),
) {
  const agent = newAgent({ Dockerfile: 'FROM scratch\n', ...files }, standIn ? [tool] : []);
  const ran = runPipeline(agent, {
    kind: 'image',
    system: 'azure',
    parameters: { language },
    jobs: ['image.build'],
    without: ['Check the parameters', 'Install the scanner'],
    // Go keeps what it compiled of its own library; from nothing that takes a minute.
    variables: { GOCACHE: process.env.GOCACHE ?? join(homedir(), '.cache', 'go-build') },
  });
  return { agent, ran };
}

const last = (ran: readonly Ran[]) => ran.at(-1);

describe('the language build', { timeout: 120_000 }, () => {
  it.each(LANGUAGES)('builds and tests $language', ({ language, tool, files }) => {
    const { agent, ran } = build(language, tool, files);

    expect(last(ran)).toMatchObject({ step: 'Build the image', status: 0 });
    if (language === 'node') expect(existsSync(join(agent.source, 'dist', 'main.mjs'))).toBe(true);
  });

  it.each(LANGUAGES.filter(({ tool }) => has(tool)))(
    'makes no image where a test of $language fails',
    ({ language, tool, files, broken }) => {
      const { agent, ran } = build(language, tool, { ...files, ...broken });

      expect(last(ran)?.step).toBe('Build and test');
      expect(last(ran)?.status).not.toBe(0);
      expect(calls(agent).map((call) => call.tool)).not.toContain('docker');
    },
  );

  it('restores, builds and tests .NET, each from what came before', () => {
    const { agent, ran } = build('dotnet', 'dotnet', {}, true);

    expect(last(ran)).toMatchObject({ step: 'Build the image', status: 0 });
    const made = calls(agent).filter((call) => call.tool === 'dotnet');
    expect(made.map(({ args }) => args[0])).toEqual(['restore', 'build', 'test']);
    expect(made[1]?.args).toContain('-p:ContinuousIntegrationBuild=true');
    expect(made[1]?.env.SOURCE_DATE_EPOCH).toMatch(/^\d+$/);
  });

  it('wants a lock file of Node', () => {
    const { 'package-lock.json': _, ...files } = NODE;

    expect(last(build('node', 'npm', files).ran)?.output).toContain('commit one');
  });
});
