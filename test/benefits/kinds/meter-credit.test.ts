import meterCredit from '../../../src/benefits/kinds/meter-credit.ts';
import { exercise } from '../exercise.ts';

exercise(meterCredit);
