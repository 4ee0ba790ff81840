import { calls, ends, flow, language, machine, passes, RUN, type Subject } from '../case.ts';
import { maps } from './map.ts';

const ITEM = language('Processing Items');
const PROCESSOR = language('Map State ItemProcessor definition');
const SCOPE = language('Variable Scope');

const list = { Items: '{% $states.input.list %}' };
const numbers = { list: [1, 2, 3] };

export const iterating: Subject = {
  subject: 'Map, inline: errors and variables',
  cases: [
    {
      name: 'the error of one fails the map under its own name',
      source: PROCESSOR,
      definition: maps(
        { Fail: { Type: 'Fail', Error: 'Bad', Cause: '{% "no. " & $states.input %}' } },
        { ...list, MaxConcurrency: 1 },
      ),
      input: numbers,
      expect: { status: 'FAILED', error: 'Bad', causeContains: 'no. 1', states: ['Begin', 'Each'] },
    },
    {
      name: 'the error of one is caught at the map',
      source: PROCESSOR,
      definition: maps(
        { Call: calls({ do: 'throw', error: 'Bad' }) },
        { ...list, Catch: [{ ErrorEquals: ['Bad'], Next: 'Caught' }] },
      ),
      input: numbers,
      expect: { status: 'SUCCEEDED', output: ['caught', 'Bad'] },
    },
    {
      name: 'the error of one stops the others',
      source: PROCESSOR,
      definition: maps(
        {
          'Long?': {
            Type: 'Choice',
            Choices: [{ Condition: '{% $states.input = "long" %}', Next: 'Long' }],
            Default: 'Fail',
          },
          Long: { Type: 'Wait', Seconds: 3, End: true },
          Fail: { Type: 'Fail', Error: 'Bad' },
        },
        { ...list, Catch: [{ ErrorEquals: ['Bad'], Next: 'Caught' }] },
      ),
      input: { list: ['long', 'bad'] },
      expect: { status: 'SUCCEEDED', output: ['caught', 'Bad'], lasts: { from: 0, below: 0.1 } },
    },
    {
      name: 'is tried again whole',
      source: language('Retrying after error'),
      definition: maps(
        { Call: calls({ do: 'stumble', key: RUN, errors: ['', 'E'] }) },
        { ...list, MaxConcurrency: 1, Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 1 }] },
      ),
      input: { list: ['a', 'b'] },
      expect: { status: 'SUCCEEDED', output: [{ calls: 3 }, { calls: 4 }] },
    },
    {
      name: 'reads variables of outside, and keeps its own within each item',
      source: SCOPE,
      definition: maps(
        {
          Begin: passes({ Assign: { inner: '{% $outer & $states.input %}' }, Next: 'Wait' }),
          Wait: { Type: 'Wait', Seconds: 1, Next: 'Out' },
          Out: ends({ Output: '{% $inner %}' }),
        },
        list,
      ),
      input: { list: ['a', 'b'] },
      expect: { status: 'SUCCEEDED', output: ['oa', 'ob'] },
    },
    {
      name: 'its items’ variables are gone when it is done',
      source: SCOPE,
      definition: maps({ Out: ends({ Assign: { inner: 1 } }) }, list, {
        Output: '{% $exists($inner) %}',
      }),
      input: numbers,
      expect: { status: 'SUCCEEDED', output: false },
    },
    {
      name: 'a variable of outside cannot be assigned within: refused',
      source: SCOPE,
      definition: maps({ Out: ends({ Assign: { outer: 1 } }) }, list),
      input: numbers,
      expect: { status: 'REFUSED' },
    },
    {
      name: 'the language’s own example of scopes',
      source: SCOPE,
      definition: machine({
        'Get Greeting': passes({ Assign: { outer: 'hello' }, Next: 'Greet Everyone' }),
        'Greet Everyone': {
          Type: 'Map',
          ItemProcessor: flow({
            Begin: passes({ Assign: { inner: 'world', hi: '{% $outer %}' }, Next: 'End' }),
            End: { Type: 'Succeed', Output: '{% $hi %}' },
          }),
          Assign: { outer: 2 },
          Next: 'Goodbye',
        },
        Goodbye: { Type: 'Succeed', Output: '{% [$states.input, $outer] %}' },
      }),
      input: [1],
      expect: { status: 'SUCCEEDED', output: ['hello', 2] },
    },
    {
      name: 'Succeed ends its item alone',
      source: PROCESSOR,
      definition: maps(
        {
          'Odd?': {
            Type: 'Choice',
            Choices: [{ Condition: '{% $states.input % 2 = 1 %}', Next: 'Odd' }],
            Default: 'Even',
          },
          Odd: { Type: 'Succeed', Output: 'odd' },
          Even: ends({ Output: 'even' }),
        },
        list,
      ),
      input: numbers,
      expect: { status: 'SUCCEEDED', output: ['odd', 'even', 'odd'] },
    },
    {
      name: 'a map within a map selects by its own item',
      source: ITEM,
      definition: maps(
        {
          Inner: {
            Type: 'Map',
            ItemSelector: '{% $states.context.Map.Item.Value + $count($states.input) %}',
            ItemProcessor: flow({ Out: ends() }),
            End: true,
          },
        },
        list,
      ),
      input: { list: [[10, 20], [30]] },
      expect: { status: 'SUCCEEDED', output: [[12, 22], [31]] },
    },
  ],
};
