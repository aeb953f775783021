// Runs the page's student with Node.js: node run.mjs PUBLISHED_FOLDER STUDENT_FOLDER QUESTION
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [page, folder, question] = process.argv.slice(2);
const { dotnet } = await import(pathToFileURL(resolve(page, 'wwwroot/_framework/dotnet.js')));
const { getAssemblyExports, getConfig } = await dotnet.create();
const student = (await getAssemblyExports(getConfig().mainAssemblyName)).MiniMind.Samples.TalkInBrowser.Student;
for (const name of ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'])
  student.AddFile(name, new Uint8Array(readFileSync(resolve(folder, name))));
console.log(student.Load());
const start = performance.now();
console.log(student.Reply(question));
console.log(`${Math.round(performance.now() - start)} ms`);
process.exit(0);
