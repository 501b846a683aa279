import { styleText } from 'node:util';

const STORY_WIDTH = 66;

/** The story on the left, what the live stream says on the right, each line as it happens. */
export interface Columns {
  chapter(title: string): void;
  step(what: string): void;
  live(what: string): void;
  end(what: string, good: boolean): void;
}

export function openColumns(write: (line: string) => void): Columns {
  const line = (left: string, width: number, right = '') =>
    write(`${left}${' '.repeat(Math.max(1, STORY_WIDTH - width))}${styleText('dim', '│')} ${right}`);
  return {
    chapter(title) {
      line('', 0);
      line(styleText('bold', title), title.length);
    },
    step: (what) => line(`  ${styleText('green', '✓')} ${what}`, what.length + 4),
    live: (what) => line('', 0, styleText('cyan', what)),
    end(what, good) {
      line('', 0);
      write(styleText(good ? 'green' : 'red', what));
    },
  };
}
