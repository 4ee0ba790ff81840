import {
  calls,
  type Definition,
  ends,
  flow,
  guide,
  language,
  machine,
  passes,
  RUN,
  type StateJson,
  type Subject,
} from '../case.ts';

const PARALLEL = language('Parallel State');
const SCOPE = language('Variable Scope');

type Branch = Readonly<Record<string, StateJson>>;
const both = (
  branches: readonly Branch[],
  more: StateJson = {},
  then: StateJson = {},
): Definition =>
  machine({
    Begin: passes({ Assign: { outer: 'o' }, Next: 'Both' }),
    Both: { Type: 'Parallel', Branches: branches.map(flow), Next: 'Then', ...more },
    Then: ends(then),
    Caught: ends({ Output: '{% ["caught", $states.input.Error] %}' }),
  });
const one = { One: ends({ Output: '{% [1, $states.input] %}' }) };
const two = { Two: ends({ Output: '{% {"two": $states.input} %}' }) };
const broken = { Fail: { Type: 'Fail', Error: 'Bad', Cause: 'as told' } };
const long = { Long: { Type: 'Wait', Seconds: 3, End: true } };

export const parallel: Subject = {
  subject: 'Parallel',
  cases: [
    {
      name: 'gives each branch its input, and their outputs in the order of the branches',
      source: PARALLEL,
      definition: both([one, two]),
      input: 'in',
      expect: { status: 'SUCCEEDED', output: [[1, 'in'], { two: 'in' }] },
    },
    {
      name: 'runs its branches at the same time, and waits for the last',
      source: PARALLEL,
      definition: both([long, { Short: { Type: 'Wait', Seconds: 2, End: true } }]),
      expect: { status: 'SUCCEEDED', output: [{}, {}], lasts: { from: 3, below: 3.1 } },
    },
    {
      name: 'gives each branch its Arguments instead',
      source: PARALLEL,
      definition: both([one, two], { Arguments: '{% $states.input.inner %}' }),
      input: { inner: 'x' },
      expect: { status: 'SUCCEEDED', output: [[1, 'x'], { two: 'x' }] },
    },
    {
      name: 'evaluates Output with the result',
      source: PARALLEL,
      definition: both([one, two], { Output: '{% $count($states.result) %}' }),
      expect: { status: 'SUCCEEDED', output: 2 },
    },
    {
      name: 'evaluates Assign with the result',
      source: PARALLEL,
      definition: both(
        [one, two],
        { Assign: { all: '{% $states.result[1] %}' } },
        { Output: '{% $all %}' },
      ),
      input: 'in',
      expect: { status: 'SUCCEEDED', output: { two: 'in' } },
    },
    {
      name: 'a branch that fails fails it under its own error',
      source: PARALLEL,
      definition: both([one, broken]),
      expect: { status: 'FAILED', error: 'Bad', causeContains: 'as told' },
    },
    {
      name: 'an error in a branch is caught there first',
      source: PARALLEL,
      definition: both([
        one,
        {
          Call: calls(
            { do: 'throw', error: 'E' },
            { Catch: [{ ErrorEquals: ['E'], Output: 'within', Next: 'Within' }] },
          ),
          Within: ends(),
        },
      ]),
      input: 'in',
      expect: { status: 'SUCCEEDED', output: [[1, 'in'], 'within'] },
    },
    {
      name: 'an error that no branch catches is caught by the whole',
      source: PARALLEL,
      definition: both([one, broken], { Catch: [{ ErrorEquals: ['Bad'], Next: 'Caught' }] }),
      expect: { status: 'SUCCEEDED', output: ['caught', 'Bad'] },
    },
    {
      name: 'a branch that fails stops the others',
      source: PARALLEL,
      definition: both([long, broken], { Catch: [{ ErrorEquals: ['Bad'], Next: 'Caught' }] }),
      expect: { status: 'SUCCEEDED', output: ['caught', 'Bad'], lasts: { from: 0, below: 0.1 } },
    },
    {
      name: 'what was stopped does nothing any more',
      source: PARALLEL,
      definition: machine({
        Both: {
          Type: 'Parallel',
          Branches: [
            flow({
              Wait: { Type: 'Wait', Seconds: 1, Next: 'Count' },
              Count: calls({ do: 'count', key: RUN }),
            }),
            flow(broken),
          ],
          Catch: [{ ErrorEquals: ['Bad'], Next: 'Later' }],
          End: true,
        },
        Later: { Type: 'Wait', Seconds: 2, Next: 'How often?' },
        'How often?': calls({ do: 'count', key: RUN }),
      }),
      expect: { status: 'SUCCEEDED', output: 1 },
    },
    {
      name: 'is tried again whole',
      source: language('Retrying after error'),
      definition: both(
        [
          { Call: calls({ do: 'stumble', key: `${RUN}-a`, errors: [] }) },
          { Call: calls({ do: 'stumble', key: `${RUN}-b`, errors: ['E'] }) },
        ],
        { Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 2 }] },
      ),
      expect: {
        status: 'SUCCEEDED',
        output: [{ calls: 2 }, { calls: 2 }],
        lasts: { from: 2, below: 2.1 },
      },
    },
    {
      name: 'its branches read variables of outside',
      source: SCOPE,
      definition: both([{ Out: ends({ Output: '{% $outer %}' }) }]),
      expect: { status: 'SUCCEEDED', output: ['o'] },
    },
    {
      name: 'its branches’ variables are gone when it is done',
      source: SCOPE,
      definition: both(
        [{ Out: ends({ Assign: { inner: 1 } }) }],
        {},
        { Output: '{% $exists($inner) %}' },
      ),
      expect: { status: 'SUCCEEDED', output: false },
    },
    {
      name: 'a branch does not see the variables of another',
      source: SCOPE,
      definition: both([
        { Out: ends({ Assign: { inner: 1 } }) },
        {
          Wait: { Type: 'Wait', Seconds: 1, Next: 'Look' },
          Look: ends({ Output: '{% $exists($inner) %}' }),
        },
      ]),
      input: 'in',
      expect: { status: 'SUCCEEDED', output: ['in', false] },
    },
    {
      name: 'two branches may give one name each its own value',
      source: SCOPE,
      definition: both(
        ['a', 'b'].map((inner) => ({
          Keep: passes({ Assign: { inner }, Next: 'Wait' }),
          Wait: { Type: 'Wait', Seconds: 1, Next: 'Out' },
          Out: ends({ Output: '{% $inner %}' }),
        })),
      ),
      expect: { status: 'SUCCEEDED', output: ['a', 'b'] },
    },
    {
      name: 'a variable of outside cannot be assigned within: refused',
      source: SCOPE,
      definition: both([{ Out: ends({ Assign: { outer: 1 } }) }]),
      expect: { status: 'REFUSED' },
    },
    {
      name: 'Assign of its catcher is for the variables outside',
      source: guide('Passing data between states with variables › Variable scope'),
      definition: machine({
        Begin: passes({ Assign: { outer: 'o' }, Next: 'Both' }),
        Both: {
          Type: 'Parallel',
          Branches: [flow(broken)],
          Catch: [
            {
              ErrorEquals: ['States.ALL'],
              Assign: { outer: '{% $states.errorOutput.Error %}' },
              Next: 'Then',
            },
          ],
          Next: 'Then',
        },
        Then: ends({ Output: '{% $outer %}' }),
      }),
      expect: { status: 'SUCCEEDED', output: 'Bad' },
    },
    {
      name: 'Succeed ends its branch alone',
      source: PARALLEL,
      definition: both([{ Done: { Type: 'Succeed', Output: 'early' } }, one]),
      input: 'in',
      expect: { status: 'SUCCEEDED', output: ['early', [1, 'in']] },
    },
    {
      name: 'holds another within',
      source: PARALLEL,
      definition: both([
        { Inner: { Type: 'Parallel', Branches: [flow(one), flow(two)], End: true } },
        one,
      ]),
      input: 0,
      expect: {
        status: 'SUCCEEDED',
        output: [
          [[1, 0], { two: 0 }],
          [1, 0],
        ],
      },
    },
  ],
};
