package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What operations say about keys. */
final class Writes {
  private Writes() {}

  /** Whether it was answered that it changed a key. */
  static boolean changedSomething(Op op) {
    return op.request() instanceof Request.OnKeys && changed(op.answer());
  }

  private static boolean changed(@Nullable Answer answer) {
    if (answer instanceof Answer.Decided decided) {
      return decided.parts().stream().anyMatch(Writes::changed);
    }
    return answer instanceof Answer.Written
        || (answer instanceof Answer.Deleted deleted && deleted.count() > 0);
  }

  /** All that a request might do, in whichever branch. */
  static void forEachPart(Request request, Consumer<Request.OnKeys> action) {
    if (request instanceof Request.Txn txn) {
      txn.then().forEach(part -> forEachPart(part, action));
      txn.otherwise().forEach(part -> forEachPart(part, action));
    } else if (request instanceof Request.OnKeys part) {
      action.accept(part);
    }
  }

  /** All that was done by an operation that was answered, with what was answered to it. */
  static void forEachDone(Op op, BiConsumer<Request.OnKeys, Answer> action) {
    if (op.answer() != null && op.request() instanceof Request.OnKeys request) {
      forEachDone(request, op.answer(), action);
    }
  }

  private static void forEachDone(
      Request.OnKeys request, Answer answer, BiConsumer<Request.OnKeys, Answer> action) {
    if (request instanceof Request.Txn txn && answer instanceof Answer.Decided decided) {
      var branch = txn.branch(decided.succeeded());
      for (int i = 0; i < Math.min(branch.size(), decided.parts().size()); i++) {
        forEachDone(branch.get(i), decided.parts().get(i), action);
      }
    } else {
      action.accept(request, answer);
    }
  }

  /** Whether its answer must show all that was acknowledged before it was sent. */
  static boolean isLinearizable(Op op) {
    if (op.request() instanceof Request.Range range) {
      return !range.serializable();
    }
    return op.request() instanceof Request.OnKeys;
  }
}
