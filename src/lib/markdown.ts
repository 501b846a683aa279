import markdownIt from 'markdown-it';
import { type Html, raw } from './html.ts';

/** Tags in the text stay text, and links lead only where a browser may be led: no `javascript:`, no `data:`. */
const renderer = markdownIt({ html: false, linkify: true });
/** Pictures would tell whoever keeps them when somebody reads. */
renderer.disable('image');

/** What somebody wrote in Markdown, as safe HTML. */
export const renderMarkdown = (text: string): Html => raw(renderer.render(text).trim());
