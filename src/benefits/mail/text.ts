import type { Brand, Item, Letter } from './letter.ts';

/** A letter as plain text. Markdown is written to be read as it stands. */
export const asText = ({ paragraphs, items, button }: Letter, { name, supportEmail, reader, reason }: Brand): string =>
  [
    ...(reader ? [`Hello ${reader},`] : []),
    ...paragraphs,
    ...items.map(itemText),
    ...(button ? [`${button.label}: ${button.url}`] : []),
    [`-- \n${name}`, ...(supportEmail ? [`Questions? ${supportEmail}`] : []), reason].join('\n'),
  ].join('\n\n');

const itemText = ({ title, instructions, note }: Item): string =>
  [`* ${title}`, ...(note ? [indent(note)] : []), ...(instructions ? [indent(instructions)] : [])].join('\n');

const indent = (text: string): string => text.trim().replace(/^(?=.)/gm, '  ');
