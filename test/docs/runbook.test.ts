import { expect, it } from 'vitest';
import * as errors from '../../lambdas/domain/errors.ts';
import { headingOf, RUNBOOK_HEADINGS } from '../../lambdas/view/runbook.ts';
import { sources } from '../sources.ts';
import { anchors, prose, read } from './markdown.ts';

const runbook = read('docs/runbook.md');
const headings = anchors(runbook);

it.each(RUNBOOK_HEADINGS)('has the heading that notices link to: %s', (heading) => {
  expect(headings).toContain(heading);
});

it('has a heading for every class of error', () => {
  const concrete = Object.values(errors).filter((Failure) => Failure !== errors.ConveyorError);

  for (const { name } of concrete) expect(headings, name).toContain(headingOf(name));
});

it('has a heading for every error that the code names by itself', () => {
  const named = sources('lambdas').flatMap(({ text }) =>
    [...text.matchAll(/\berror: '([A-Z]\w+)'/g)].map(([, name = '']) => name),
  );

  expect(named).toContain('ExecutionLost');
  for (const name of named) expect(headings, name).toContain(headingOf(name));
});

it('has every heading that alarms and messages of the code link to', () => {
  const all = sources('infra', 'lambdas', 'bin');
  const linked = all.flatMap(({ path, text }) =>
    [...text.matchAll(/\brunbook: '([a-z-]+)'|docs\/runbook\.md#([a-z-]+)/g)].map(
      ([, named, written]) => [path, named ?? written ?? ''] as const,
    ),
  );

  expect(linked.length).toBeGreaterThanOrEqual(3);
  for (const [path, heading] of linked) expect(headings, path).toContain(heading);
});

it('has every document and heading that the code points to', () => {
  for (const { path, text } of sources('infra', 'lambdas', 'bin'))
    for (const [, file = '', anchor] of text.matchAll(/\b(docs\/[\w/-]+\.md)(?:#([a-z][\w-]*))?/g))
      if (anchor === undefined) expect(read(file), path).not.toBe('');
      else expect(anchors(read(file)), path).toContain(anchor);
});

it('says under each of the first two parts what happened, where to look, and what to do', () => {
  const [, ended = '', byName = ''] = prose(runbook)
    .split(/^# .+$/m)
    .slice(1);
  const sections = `${ended}${byName}`.split(/^## /m).slice(1);

  expect(sections.length).toBeGreaterThan(30);
  for (const section of sections.filter((one) => !one.includes('The same as'))) {
    const [name = ''] = section.split('\n');
    for (const part of ['**What happened.**', '**Look.**', '**Do.**'])
      expect(section, name).toContain(part);
  }
});
