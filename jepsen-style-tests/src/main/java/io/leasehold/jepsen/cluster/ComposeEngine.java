package io.leasehold.jepsen.cluster;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.Network;
import com.github.dockerjava.api.model.WaitResponse;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.DockerComposeContainer;
import org.testcontainers.lifecycle.Startable;

/**
 * The compose files' cluster, started by Testcontainers on the engine that it finds; what is done
 * to single containers is asked of the engine itself.
 */
final class ComposeEngine implements Engine {
  static final String IMAGE = System.getenv().getOrDefault("LEASEHOLD_IMAGE", "leasehold:local");

  private static final String PROJECT_LABEL = "com.docker.compose.project";
  private static final String SERVICE_LABEL = "com.docker.compose.service";
  private static final String REPLACE_VARIABLE = "LEASEHOLD_REPLACE_MEMBER";
  private static final long UP_SECONDS_MAX = 120;
  private static final long READ_SECONDS_MAX = 30;

  private final Path home;
  private final ComposeFiles files;
  private final List<Path> paths;
  private final Startable compose;
  private final AtomicInteger addressesGiven = new AtomicInteger();

  private ComposeEngine(Path home, ComposeFiles files) {
    this.home = home;
    this.files = files;
    this.paths = files.write();
    this.compose = composed(paths.stream().map(Path::toFile).toList(), files.asked());
  }

  /** Says in one line why there can be no containers here; null when there can. */
  static @Nullable String reasonMissing() {
    if (!isReached()) {
      return "no container engine can be reached";
    } else if (!isPlugin() && !Commands.works("docker-compose", "version")) {
      return "neither docker compose nor docker-compose is there";
    } else if (!hasImage()) {
      return "no image " + IMAGE + "; build it with make image";
    }
    return null;
  }

  private static boolean isReached() {
    return DockerClientFactory.instance().isDockerAvailable();
  }

  /** Whether compose is the newer one, a part of docker itself. */
  private static boolean isPlugin() {
    return Commands.works("docker", "compose", "version");
  }

  private static boolean hasImage() {
    try {
      return docker().inspectImageCmd(IMAGE).exec().getId() != null;
    } catch (NotFoundException e) {
      return false;
    }
  }

  static TestCluster open(ClusterPlan plan) {
    sweep();
    ComposeFiles files = new ComposeFiles(plan);
    return ContainerCluster.open(plan, files.places(), new ComposeEngine(plan.home(), files));
  }

  private static DockerClient docker() {
    return DockerClientFactory.lazyClient();
  }

  private static Startable composed(List<File> files, Map<String, String> variables) {
    String project = "leasehold-jepsen-";
    return isPlugin()
        ? new ComposeContainer(project, files).withEnv(variables).withRemoveVolumes(true)
        : new DockerComposeContainer<>(project, files).withEnv(variables).withRemoveVolumes(true);
  }

  @Override
  public void up() {
    attempt("start the members' containers", compose::start);
  }

  @Override
  public void makeAnew(String member, boolean replacesLost) {
    List<String> command = new ArrayList<>();
    command.add("env");
    files.asked().forEach((name, value) -> command.add(name + "=" + value));
    command.add(REPLACE_VARIABLE + "=" + replacesLost);
    command.add(
        "DOCKER_HOST=" + DockerClientFactory.instance().getTransportConfig().getDockerHost());
    command.addAll(isPlugin() ? List.of("docker", "compose") : List.of("docker-compose"));
    paths.forEach(path -> command.addAll(List.of("-f", path.toString())));
    command.addAll(List.of("-p", project(), "up", "-d", "--no-build", "--no-deps", member));
    Commands.run(UP_SECONDS_MAX, command.toArray(new String[0]));
  }

  @Override
  public void start(String member) {
    attempt(
        "start " + member,
        () -> {
          try {
            docker().startContainerCmd(id(member)).exec();
          } catch (NotModifiedException e) {
            // It runs already.
          }
        });
  }

  @Override
  public void stop(String member, Duration max) {
    attempt(
        "stop " + member,
        () -> {
          try {
            docker().stopContainerCmd(id(member)).withTimeout((int) max.toSeconds()).exec();
          } catch (NotModifiedException e) {
            // It has ended meanwhile.
          }
        });
  }

  @Override
  public void kill(String member) {
    attempt(
        "kill " + member,
        () -> {
          try {
            docker().killContainerCmd(id(member)).exec();
          } catch (ConflictException e) {
            // It has ended meanwhile.
          }
        });
  }

  @Override
  public void pause(String member) {
    attempt("pause " + member, () -> docker().pauseContainerCmd(id(member)).exec());
  }

  @Override
  public void unpause(String member) {
    attempt("unpause " + member, () -> docker().unpauseContainerCmd(id(member)).exec());
  }

  @Override
  public boolean isPaused(String member) {
    return ask(
        "look at " + member,
        () ->
            Boolean.TRUE.equals(
                docker().inspectContainerCmd(id(member)).exec().getState().getPaused()));
  }

  @Override
  public CompletableFuture<Integer> end(String member) {
    CompletableFuture<Integer> end = new CompletableFuture<>();
    attempt("wait for " + member, () -> awaitEnd(id(member), end));
    return end;
  }

  private static void awaitEnd(String id, CompletableFuture<Integer> end) {
    docker()
        .waitContainerCmd(id)
        .exec(
            new ResultCallback.Adapter<WaitResponse>() {
              @Override
              public void onNext(WaitResponse response) {
                end.complete(response.getStatusCode());
              }

              @Override
              public void onError(Throwable problem) {
                end.completeExceptionally(problem);
                super.onError(problem);
              }
            });
  }

  @Override
  public void remove(String member) {
    attempt(
        "remove " + member,
        () -> {
          String volume = project() + "_" + member;
          docker().removeContainerCmd(id(member)).withForce(true).exec();
          docker().removeVolumeCmd(volume).exec();
        });
  }

  @Override
  public void detach(String member) {
    attempt(
        "take " + member + " off the network",
        () ->
            docker()
                .disconnectFromNetworkCmd()
                .withNetworkId(network())
                .withContainerId(id(member))
                .withForce(true)
                .exec());
  }

  @Override
  public void attach(String member) {
    String address = files.address(addressesGiven.incrementAndGet());
    attempt(
        "put " + member + " back on the network",
        () ->
            docker()
                .connectToNetworkCmd()
                .withNetworkId(network())
                .withContainerId(id(member))
                .withContainerNetwork(
                    new ContainerNetwork()
                        .withAliases(List.of(member))
                        .withIpamConfig(new ContainerNetwork.Ipam().withIpv4Address(address)))
                .exec());
  }

  /** The kernel counts for each network of its own; what has no way out was held up by us. */
  @Override
  public long packetsWithoutWay(String member) {
    return ask("count packets of " + member, () -> KernelCounters.withoutWay(counters(member)));
  }

  private String counters(String member) {
    String id =
        docker()
            .execCreateCmd(id(member))
            .withAttachStdout(true)
            .withCmd("cat", "/proc/net/snmp")
            .exec()
            .getId();
    Output output = new Output();
    docker().execStartCmd(id).exec(output);
    return new String(output.await(), StandardCharsets.UTF_8);
  }

  @Override
  public byte[] written(String member) {
    return ask(
        "read what " + member + " wrote",
        () -> {
          Output output = new Output();
          docker().logContainerCmd(id(member)).withStdOut(true).withStdErr(true).exec(output);
          return output.await();
        });
  }

  /** What a container writes until it says no more. */
  private static final class Output extends ResultCallback.Adapter<Frame> {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void onNext(Frame frame) {
      bytes.writeBytes(frame.getPayload());
    }

    byte[] await() {
      try {
        if (!awaitCompletion(READ_SECONDS_MAX, TimeUnit.SECONDS)) {
          throw new ClusterException("the engine says no more, and does not end");
        }
        return bytes.toByteArray();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ClusterException("interrupted", e);
      }
    }
  }

  private String id(String member) {
    return container(member).getId();
  }

  private Container container(String member) {
    Map<String, String> labels = new HashMap<>(ours());
    labels.put(SERVICE_LABEL, member);
    List<Container> found =
        docker().listContainersCmd().withShowAll(true).withLabelFilter(labels).exec();
    if (found.size() != 1) {
      throw new ClusterException("there are " + found.size() + " containers of " + member);
    }
    return found.get(0);
  }

  private Map<String, String> ours() {
    return Map.of(
        ComposeFiles.OWNER_LABEL, Owner.current(), ComposeFiles.HOME_LABEL, home.toString());
  }

  /** Testcontainers gives it a name of its own. */
  private String project() {
    return docker().listContainersCmd().withShowAll(true).withLabelFilter(ours()).exec().stream()
        .map(container -> container.getLabels().get(PROJECT_LABEL))
        .findFirst()
        .orElseThrow(() -> new ClusterException("no container is left of this cluster"));
  }

  private String network() {
    return project() + "_default";
  }

  @Override
  public void close() {
    Cleanup cleanup = new Cleanup();
    cleanup.attempt(compose::stop);
    // What compose does not know any more.
    cleanup.attempt(() -> removeAll(Owner.current(), home.toString()));
    cleanup.finish("containers are left");
  }

  /** Removes what runs left that are over. */
  private static void sweep() {
    attempt(
        "look for what earlier runs left",
        () -> {
          for (Network network :
              docker()
                  .listNetworksCmd()
                  .withFilter("label", List.of(ComposeFiles.OWNER_LABEL))
                  .exec()) {
            String owner = network.getLabels().getOrDefault(ComposeFiles.OWNER_LABEL, "");
            if (Owner.isOver(owner)) {
              System.out.println(
                  "Left over from an earlier run: " + network.getName() + ", removed");
              removeAll(owner, network.getLabels().getOrDefault(ComposeFiles.HOME_LABEL, ""));
            }
          }
        });
  }

  /** Removes all that is marked so, in whatever order the engine lets it go. */
  private static void removeAll(String owner, String clusterHome) {
    Map<String, String> labels =
        Map.of(ComposeFiles.OWNER_LABEL, owner, ComposeFiles.HOME_LABEL, clusterHome);
    List<String> filters =
        labels.entrySet().stream().map(label -> label.getKey() + "=" + label.getValue()).toList();
    Cleanup cleanup = new Cleanup();
    for (Container each :
        docker().listContainersCmd().withShowAll(true).withLabelFilter(labels).exec()) {
      cleanup.attempt(() -> docker().removeContainerCmd(each.getId()).withForce(true).exec());
    }
    docker()
        .listVolumesCmd()
        .withFilter("label", filters)
        .exec()
        .getVolumes()
        .forEach(each -> cleanup.attempt(() -> docker().removeVolumeCmd(each.getName()).exec()));
    for (Network each : docker().listNetworksCmd().withFilter("label", filters).exec()) {
      cleanup.attempt(() -> docker().removeNetworkCmd(each.getId()).exec());
    }
    cleanup.finish("not all could be removed");
  }

  private static void attempt(String what, Runnable step) {
    ask(
        what,
        () -> {
          step.run();
          return true;
        });
  }

  /** What goes wrong in the engine is said in one way. */
  private static <T> T ask(String what, Supplier<T> question) {
    try {
      return question.get();
    } catch (ClusterException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new ClusterException("the engine cannot " + what + ": " + e.getMessage(), e);
    }
  }
}
