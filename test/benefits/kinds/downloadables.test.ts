import downloadables from '../../../src/benefits/kinds/downloadables.ts';
import { exercise } from '../exercise.ts';

exercise(downloadables);
