package io.leasehold.raft.jraft.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.entity.PeerId;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReplicatorsTest {
  private static final PeerId PEER = new PeerId("127.0.0.1", 1);

  private final List<String> calls = new ArrayList<>();
  private boolean hasReplicator;
  private @Nullable Replicators replicators;

  @Test
  void forgottenFollowerIsListedAsDownAndThenConnectedUnderTheNodesLock() {
    replicators().restore(PEER);
    assertThat(calls).containsExactly("addReplicator while restoring", "checkReplicator locked");
    assertThat(replicators().isRestoring()).isFalse();
  }

  @Test
  void followerWithAReplicatorKeepsIt() {
    hasReplicator = true;
    replicators().restore(PEER);
    assertThat(calls).isEmpty();
  }

  private Replicators replicators() {
    if (replicators == null) {
      replicators =
          new Replicators(
              (ReplicatorGroup)
                  Proxy.newProxyInstance(
                      ReplicatorGroup.class.getClassLoader(),
                      new Class<?>[] {ReplicatorGroup.class},
                      (self, method, arguments) -> answer(method.getName(), arguments)),
              (follower, request) -> {
                throw new AssertionError("nothing is to be sent");
              });
    }
    return replicators;
  }

  private @Nullable Object answer(String method, Object[] arguments) {
    assertThat(arguments[0]).isEqualTo(PEER);
    return switch (method) {
      case "contains" -> hasReplicator;
      case "addReplicator" -> {
        calls.add("addReplicator" + (replicators().isRestoring() ? " while restoring" : ""));
        yield false;
      }
      case "checkReplicator" -> {
        calls.add("checkReplicator" + ((Boolean) arguments[1] ? " locked" : ""));
        yield null;
      }
      default -> throw new UnsupportedOperationException(method);
    };
  }
}
