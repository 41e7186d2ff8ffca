'use strict';

const byId = (id) => document.getElementById(id);
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
let choices = null;
let file = null;
let example = null;
let running = false;

function element(name, text) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  return made;
}

function say(part, text) {
  for (const id of ['status', 'error']) {
    byId(id).hidden = id !== part;
    byId(id).textContent = id === part ? text : '';
  }
}

function update() {
  byId('chosen').textContent = file ? file.name : 'Choose a video, or drop one here';
  for (const [number, button] of [...byId('examples').children].entries()) {
    button.setAttribute('aria-pressed', String(number === example));
  }
  byId('start').disabled = running || (file === null && example === null);
}

function release(address) {
  if (address && address.startsWith('blob:')) URL.revokeObjectURL(address);
}

function chooseFile(chosen) {
  file = chosen;
  example = null;
  const preview = byId('preview');
  release(preview.src);
  preview.hidden = true;
  preview.src = URL.createObjectURL(file);
  say(null);
  update();
}

function chooseExample(number) {
  example = number;
  file = null;
  byId('file').value = '';
  byId('preview').hidden = true;
  say(null);
  update();
}

function showChoices() {
  for (const name of choices.models) byId('model').append(new Option(name, name));
  byId('limits').textContent =
    `mp4, mkv, webm or avi; at most ${choices.megabytes}\u00a0MB, ${choices.seconds}\u00a0s and ` +
    `${(choices.pixels / 1e6).toFixed(1)}\u00a0million pixels a frame`;
  for (const [number, title] of choices.examples.entries()) {
    const button = element('button');
    const video = element('video');
    Object.assign(video, { muted: true, loop: true, playsInline: true, autoplay: !still });
    video.src = `examples/${number}.mp4`;
    button.type = 'button';
    button.append(video, element('span', title));
    button.addEventListener('click', () => chooseExample(number));
    byId('examples').append(button);
  }
  byId('offer').hidden = choices.examples.length === 0;
  update();
}

function percent(share) {
  return share < 0.0005 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`;
}

function showTop(recognition) {
  byId('top-count').textContent = recognition.top.length;
  byId('source').textContent = recognition.source;
  byId('by').textContent = recognition.model;
  const rows = recognition.top.map((one) => {
    const [row, cell, track, bar] = ['tr', 'td', 'div', 'div'].map((name) => element(name));
    track.className = 'track';
    bar.className = 'bar';
    bar.style.width = `${100 * one.probability}%`;
    track.append(bar);
    cell.append(track);
    row.append(element('td', one.class), cell, element('td', percent(one.probability)));
    return row;
  });
  byId('top').tBodies[0].replaceChildren(...rows);
  const link = byId('download');
  release(link.href);
  const json = `${JSON.stringify(recognition, null, 2)}\n`;
  link.href = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
  link.download = `${recognition.source.replace(/\.[^.]*$/, '') || 'result'}.json`;
}

function showFrames(frames, times) {
  const items = frames.map((source, number) => {
    const item = element('li');
    const image = element('img');
    image.src = source;
    image.alt = `frame ${number + 1}`;
    const time = times[number];
    item.append(image, element('span', time === null ? `${number + 1}` : `${number + 1}: ${time.toFixed(2)} s`));
    return item;
  });
  byId('frames').style.setProperty('--columns', Math.min(8, frames.length));
  byId('frames').replaceChildren(...items);
}

function showPicture(part, source, note) {
  byId(part).parentElement.hidden = source === null;
  if (source === null) byId(part).removeAttribute('src');
  else byId(part).src = source;
  byId(`${part}-note`).hidden = source !== null;
  byId(`${part}-note`).textContent = note || '';
}

function showResult(result) {
  showTop(result.recognition);
  showFrames(result.frames, result.times);
  for (const part of ['gates', 'saliency']) showPicture(part, result[part], result.notes[part]);
  say(null);
  byId('result').hidden = false;
  byId('result').focus({ preventScroll: true });
  byId('result').scrollIntoView({ behavior: still ? 'auto' : 'smooth' });
}

function take(told) {
  if (told.state === 'waiting') say('status', `Waiting: ${told.ahead} before this one`);
  else if (told.state === 'working') say('status', `${told.step} ...`);
  else if (told.state === 'done') showResult(told.result);
  else say('error', told.message);
  return told.state === 'done' || told.state === 'refused';
}

async function follow(response) {
  const kind = response.headers.get('Content-Type') || '';
  if (!kind.includes('json')) throw new Error((await response.text()) || `status ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let ended = false;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    const lines = text.split('\n');
    text = lines.pop();
    for (const line of lines) ended = take(JSON.parse(line)) || ended;
  }
  if (text) ended = take(JSON.parse(text)) || ended;
  if (!ended) throw new Error('the answer broke off');
}

async function run() {
  const query = new URLSearchParams({ model: byId('model').value });
  if (file) query.set('name', file.name);
  else query.set('example', example);
  if (file && file.size > choices.megabytes * 1e6) {
    say('error', `${file.name} is larger than ${choices.megabytes} MB; cut it, or make its picture smaller.`);
    return;
  }
  running = true;
  byId('result').hidden = true;
  update();
  say('status', file ? 'Sending the video ...' : 'Asking ...');
  try {
    await follow(await fetch(`runs?${query}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: file || '',
    }));
  } catch (error) {
    say('error', `The page gets no answer (${error.message}); does mmgsf web still run?`);
  }
  running = false;
  update();
}

function listen() {
  const drop = byId('drop');
  byId('file').addEventListener('change', (event) => {
    if (event.target.files.length) chooseFile(event.target.files[0]);
  });
  for (const kind of ['dragover', 'dragleave', 'drop']) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', kind === 'dragover');
      if (kind === 'drop' && event.dataTransfer.files.length) chooseFile(event.dataTransfer.files[0]);
    });
  }
  // Browsers play fewer kinds than are read here; what they cannot play is not shown.
  byId('preview').addEventListener('loadedmetadata', () => { byId('preview').hidden = file === null; });
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
    run();
  });
}

async function start() {
  listen();
  try {
    choices = await (await fetch('choices')).json();
    showChoices();
  } catch (error) {
    say('error', `The page gets no answer (${error.message}); does mmgsf web still run?`);
  }
}

start();
