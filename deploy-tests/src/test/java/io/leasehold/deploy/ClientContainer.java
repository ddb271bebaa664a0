package io.leasehold.deploy;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A container beside the members, on their network and of their image, that runs clients of ours.
 * It knows the members by name only. Closing it removes it. Test thread only.
 */
final class ClientContainer implements AutoCloseable {
  private static final long LOG_SECONDS_MAX = 10;

  private final String id;

  /** Starts bash with these lines, in which leasectl asks all members. */
  ClientContainer(Compose cluster, String script) {
    String endpoints =
        String.join(",", cluster.members().stream().map(one -> one.name() + ":2379").toList());
    id =
        ContainerMember.docker()
            .createContainerCmd(Compose.IMAGE)
            .withEntrypoint("bash", "-c", script)
            .withEnv("LEASECTL_ENDPOINTS=" + endpoints)
            .withHostConfig(
                HostConfig.newHostConfig()
                    .withNetworkMode(cluster.network())
                    .withReadonlyRootfs(true)
                    .withTmpFs(Map.of("/tmp", "")))
            .exec()
            .getId();
    ContainerMember.docker().startContainerCmd(id).exec();
  }

  boolean isRunning() {
    return Boolean.TRUE.equals(
        ContainerMember.docker().inspectContainerCmd(id).exec().getState().getRunning());
  }

  /** Returns the lines that the clients have printed so far, complaints among them. */
  List<String> printed() {
    StringBuilder text = new StringBuilder();
    try {
      ContainerMember.docker()
          .logContainerCmd(id)
          .withStdOut(true)
          .withStdErr(true)
          .exec(
              new ResultCallback.Adapter<Frame>() {
                @Override
                public void onNext(Frame frame) {
                  text.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
                }
              })
          .awaitCompletion(LOG_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    return text.toString().lines().toList();
  }

  @Override
  public void close() {
    ContainerMember.docker().removeContainerCmd(id).withForce(true).exec();
  }
}
