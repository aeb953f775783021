// Renders conversations with Hugging Face's Jinja: node render.mjs TEMPLATE CONVERSATIONS, where TEMPLATE is a Jinja file and CONVERSATIONS a file of JSON
// lines, each the variables of one conversation. Prints one JSON line for each: the text, or null where the template raises an exception.
import { readFileSync } from 'node:fs';
import { Template } from '@huggingface/jinja';

const template = new Template(readFileSync(process.argv[2], 'utf8'));
for (const line of readFileSync(process.argv[3], 'utf8').split('\n').filter(Boolean)) {
  let text = null;
  try {
    text = template.render(JSON.parse(line));
  } catch (error) {
    if (process.env.SHOW) console.error(error);
  }
  console.log(JSON.stringify(text));
}
