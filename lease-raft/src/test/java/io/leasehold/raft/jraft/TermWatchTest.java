package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.RaftMetaStorageOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import io.leasehold.core.state.StateStoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TermWatchTest {
  private static final PeerId CANDIDATE = new PeerId("127.0.0.1", 2380);

  @TempDir Path home;

  private final TermWatch watch = new TermWatch();

  @Test
  void termIsKnownAsSoonAsItIsWritten() {
    RaftMetaStorage storage = open();
    storage.setTermAndVotedFor(4, CANDIDATE);
    assertThat(watch.term()).isEqualTo(4);
    storage.setTerm(5);
    assertThat(watch.term()).isEqualTo(5);
  }

  @Test
  void termIsKnownAfterARestart() {
    open().setTermAndVotedFor(4, CANDIDATE);
    TermWatch afterwards = new TermWatch();
    open(afterwards);
    assertThat(afterwards.term()).isEqualTo(4);
  }

  @Test
  void voteThatCannotBeWrittenIsNotGiven() throws IOException {
    RaftMetaStorage storage = open();
    try (Stream<Path> files = Files.walk(home.resolve("meta"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    Files.writeString(home.resolve("meta"), "a file where a directory should be");
    assertThatThrownBy(() -> storage.setVotedFor(CANDIDATE))
        .isInstanceOf(StateStoreException.class)
        .hasMessageContaining(home.resolve("meta").toString());
    assertThatThrownBy(() -> storage.setTermAndVotedFor(6, CANDIDATE))
        .isInstanceOf(StateStoreException.class);
  }

  private RaftMetaStorage open() {
    return open(watch);
  }

  private RaftMetaStorage open(TermWatch terms) {
    RaftMetaStorage storage =
        terms.createRaftMetaStorage(home.resolve("meta").toString(), new RaftOptions());
    RaftMetaStorageOptions options = new RaftMetaStorageOptions();
    options.setNode(new NodeImpl());
    assertThat(storage.init(options)).isTrue();
    return storage;
  }
}
