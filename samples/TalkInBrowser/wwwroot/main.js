import { dotnet } from './_framework/dotnet.js';

const files = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
const { getAssemblyExports, getConfig } = await dotnet.create();
const student = (await getAssemblyExports(getConfig().mainAssemblyName)).MiniMind.Samples.TalkInBrowser.Student;
const [state, talk, question, send] = ['state', 'talk', 'question', 'send'].map(id => document.getElementById(id));

try {
  for (const name of files) {
    const answer = await fetch('student/' + name);
    if (!answer.ok)
      throw new Error(`student/${name}: ${answer.status} ${answer.statusText}`);
    student.AddFile(name, new Uint8Array(await answer.arrayBuffer()));
  }

  state.textContent = student.Load();
  question.disabled = send.disabled = false;
} catch (error) {
  state.textContent = 'The student cannot be loaded: ' + error.message;
}

document.getElementById('ask').addEventListener('submit', event => {
  event.preventDefault();
  const asked = question.value;
  question.value = '';
  talk.textContent += `you: ${asked}\n`;
  // The page is painted before the student computes.
  setTimeout(() => { talk.textContent += student.Reply(asked) + '\n\n'; });
});
