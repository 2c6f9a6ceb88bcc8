// Owns the endpoints about applications' images: upload, removal, and giving them out to anybody.
import { ownApplication, unknownApplication } from "./applications-api.ts";
import { json, problem, type Answer, type Ask } from "./exchange.ts";
import { fileAnswer } from "./files.ts";
import { FormError, readMultipart } from "./forms.ts";
import { contentTypeOf, createImageName, extensionOf, isImage } from "./images.ts";
import { applicationJson } from "./present.ts";
import type { Handler } from "./route.ts";

const FIELD = "file";

export const uploadApplicationImage: Handler = async (visit) => {
  const { core, ask } = visit;
  const application = ownApplication(visit);
  if (application === undefined) return unknownApplication(visit.id);
  const form = await readForm(ask);
  if (typeof form === "string") return problem(500, form);
  const file = form.get(FIELD);
  // A field without a file name is text, whatever is in it.
  if (file === null || typeof file === "string" || file.name === "") {
    return problem(400, `file with key '${FIELD}' must be present`);
  }
  const content = Buffer.from(await file.arrayBuffer());
  if (!isImage(content)) return problem(400, "file must be an image");
  if (contentTypeOf(file.name) === undefined) return problem(400, "invalid file extension");
  core.store.removeImage(application.image);
  application.image = createImageName(core.personality, extensionOf(file.name));
  core.store.addImage(application.image, content);
  return json(applicationJson(core, application, application.storedToken));
};

export const deleteApplicationImage: Handler = (visit) => {
  const { core } = visit;
  const application = ownApplication(visit);
  if (application === undefined) return unknownApplication(visit.id);
  if (application.image === "") {
    return problem(400, `app with id ${visit.id} does not have a customized image`);
  }
  core.store.removeImage(application.image);
  application.image = "";
  return json(applicationJson(core, application, application.storedToken));
};

export const image: Handler = ({ core, ask }): Answer => {
  const name = (ask.route ?? "").replace(/^\/image\//, "");
  const stored = core.store.image(name);
  const contentType = contentTypeOf(name);
  if (stored !== undefined && contentType !== undefined) {
    return fileAnswer(ask, { ...stored, contentType });
  }
  const headers = { "content-type": "application/json; charset=utf-8" };
  return { ...problem(404, "page not found"), headers };
};

/** The form, or the words with which the server fails over something else. */
async function readForm(ask: Ask): Promise<FormData | string> {
  const contentType = ask.headers["content-type"] ?? "";
  if (!/^multipart\/form-data *(;|$)/i.test(contentType)) {
    return "request Content-Type isn't multipart/form-data";
  }
  try {
    return await readMultipart(contentType, await ask.body());
  } catch (error) {
    if (error instanceof FormError) return error.message;
    throw error;
  }
}
