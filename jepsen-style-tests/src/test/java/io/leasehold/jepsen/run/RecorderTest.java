package io.leasehold.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.HistoryReader;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {
  @TempDir private Path directory;

  @Test
  void whatIsRecordedIsCountedAndWrittenUntilItIsClosed() throws IOException {
    Path file = directory.resolve("history.jsonl");
    Op granted = Op.ok(1, "n1", new Request.Grant(0, 5), new Answer.Granted(9, 5), 12, 1, 10, 20);
    Recorder recorder = new Recorder(file);
    try (recorder) {
      recorder.accept(granted);
      recorder.accept(Op.unanswered(2, "n2", new Request.Renew(9), Result.INFO, "timeout", 30, 40));
      recorder.verify();

      assertThat(recorder.counts()).isEqualTo("ops 1 ok, 0 refused, 1 unknown; leases 1");
      assertThat(recorder.revision()).isEqualTo(12);
    }
    recorder.accept(granted);
    recorder.verify();
    assertThat(HistoryReader.read(file).ops()).hasSize(2);
  }
}
