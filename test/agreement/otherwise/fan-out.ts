import { failed, gave, type Otherwise, took } from './otherwise.ts';

const whole = (input: object) => gave([input]);

export const ofFanOut: readonly Otherwise[] = [
  {
    construct: 'Map in distributed mode',
    does: 'runs one item, the whole input; reads neither Items, ItemBatcher nor Output',
    inState: ({ Type, ItemProcessor }) =>
      Type === 'Map' &&
      (ItemProcessor as { ProcessorConfig?: { Mode?: string } }).ProcessorConfig?.Mode !== 'INLINE',
    observed: {
      'Map, distributed': {
        'runs each item in an execution of its own, results in order': failed(
          'States.ExceedToleratedFailureThreshold',
        ),
        'of no items makes no results': whole({ list: [] }),
        'selects each item’s input': whole({
          value: '{% $states.context.Map.Item.Value %}',
          place: '{% $states.context.Map.Item.Index %}',
        }),
        'hands out batches under Items': whole({ list: ['a', 'b', 'c'] }),
        'adds to each batch what all have in common': whole({ list: [1, 2], size: 2, from: 'dev' }),
        'bears as many failures as it says': gave([null]),
        'and not one more': gave([null]),
        'bears a share of failures': gave(['caught', 'States.ExceedToleratedFailureThreshold']),
        'goes by Output and Assign as any map': whole({ list: [1, 2, 3] }),
      },
    },
  },
  {
    construct: 'A map whose items must be stopped',
    does: 'lets the other items end before it fails',
    inState: ({ Type, Catch, Retry }) =>
      Type === 'Map' && (Catch !== undefined || Retry !== undefined),
    observed: {
      'Map, inline: errors and variables': {
        'the error of one stops the others': took(3, ['caught', 'Bad']),
      },
    },
  },
  {
    construct: 'Parallel',
    does: 'reads neither Arguments, Output nor Assign, lets variables out of its branches, and waits for the others when one failed',
    inState: ({ Type }) => Type === 'Parallel',
    observed: {
      Parallel: {
        'gives each branch its Arguments instead': gave([
          [1, { inner: 'x' }],
          { two: { inner: 'x' } },
        ]),
        'evaluates Output with the result': gave([[1, {}], { two: {} }]),
        'evaluates Assign with the result': failed('States.QueryEvaluationError'),
        'its branches’ variables are gone when it is done': gave(true),
        'a branch does not see the variables of another': gave(['in', true]),
        'two branches may give one name each its own value': gave(['b', 'b']),
        'a branch that fails stops the others': took(3, ['caught', 'Bad']),
        'what was stopped does nothing any more': gave(2),
      },
    },
  },
];
