// Owns nothing itself: which conversation a message enters is the same question on the way in and on the way out.
export { chooseConversation, resolveRoute } from "../../config/conversation.ts";
