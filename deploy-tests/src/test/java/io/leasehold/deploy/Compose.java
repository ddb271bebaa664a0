package io.leasehold.deploy;

import com.github.dockerjava.api.exception.NotFoundException;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.testcontainers.DockerClientFactory;

/**
 * A compose cluster under a project name and on a loopback address of its own, beside whatever else
 * runs on this machine. Closing it removes the containers and their volumes. Test thread only.
 */
final class Compose implements AutoCloseable {
  static final String IMAGE = System.getProperty("leasehold.image", "leasehold:local");

  private static final String PROJECT = "leasehold-deploy-tests";
  private static final String ADDRESS = "127.0.0.77";
  private static final List<Integer> PORTS = List.of(2379, 22379, 32379, 42379, 52379);
  private static final Duration READY_MAX = Duration.ofMinutes(2);

  private final String file;
  private final List<ContainerMember> members = new ArrayList<>();

  /** Starts a cluster of the image that is there, and waits until it serves. */
  static Compose start(String file, int size) {
    Compose compose = new Compose(file, size);
    try {
      // What an earlier run that was killed may have left.
      compose.run(Map.of(), "down", "-v");
      compose.run(Map.of(), "up", "-d", "--no-build");
      compose.awaitReady();
      return compose;
    } catch (RuntimeException | Error e) {
      compose.close();
      throw e;
    }
  }

  private Compose(String file, int size) {
    this.file = file;
    for (int i = 0; i < size; i++) {
      members.add(new ContainerMember(PROJECT, "n" + (i + 1), ADDRESS, PORTS.get(i)));
    }
  }

  /** Skips the test, and says why, without an engine, compose and the image. */
  static void assumeUsable() {
    Programs.assume(
        DockerClientFactory.instance().isDockerAvailable(), "no container engine can be reached");
    Programs.assume(isInstalled(), "neither docker compose nor docker-compose is there");
    Programs.assume(hasImage(), "no image " + IMAGE + "; build it with make image");
  }

  private static boolean hasImage() {
    try {
      return ContainerMember.docker().inspectImageCmd(IMAGE).exec().getId() != null;
    } catch (NotFoundException e) {
      return false;
    }
  }

  static boolean isInstalled() {
    return isPlugin() || Programs.isInstalled("docker-compose", "version");
  }

  /** Returns the words that compose is called with: of the newer one, when it is there. */
  static List<String> command() {
    return isPlugin() ? List.of("docker", "compose") : List.of("docker-compose");
  }

  private static boolean isPlugin() {
    return Programs.isInstalled("docker", "compose", "version");
  }

  List<ContainerMember> members() {
    return members;
  }

  String network() {
    return PROJECT + "_default";
  }

  String volume(ContainerMember member) {
    return PROJECT + "_" + member.name();
  }

  /** Runs a command of compose, with further variables, to its end, and returns what it printed. */
  String run(Map<String, String> variables, String... arguments) {
    List<String> command = new ArrayList<>(command());
    command.addAll(List.of("-f", file, "-p", PROJECT));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(Repository.ROOT.toFile()).redirectErrorStream(true);
    builder.environment().put("LEASEHOLD_BIND", ADDRESS);
    builder.environment().put("LEASEHOLD_IMAGE", IMAGE);
    builder.environment().putAll(variables);
    try {
      Process process = builder.start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(String.join(" ", command) + "\n" + said);
      }
      return said;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Returns the most memory that a member's process has held since it was started. */
  long residentPeakMegabytes(ContainerMember member) {
    return run(Map.of(), "exec", "-T", member.name(), "cat", "/proc/1/status")
            .lines()
            .filter(line -> line.startsWith("VmHWM:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow()
        / 1024;
  }

  /** Waits until all members follow one leader. */
  void awaitReady() {
    Conditions.await("all members follow one leader", READY_MAX, this::isReady);
  }

  private boolean isReady() {
    return members.stream()
                .map(member -> member.status().getLeader())
                .collect(Collectors.toSet())
                .size()
            == 1
        && members.stream().anyMatch(ContainerMember::isLeading);
  }

  /** Waits for a member that says it leads, and returns it. */
  ContainerMember leader() {
    return Conditions.awaitValue(
        "a leader",
        READY_MAX,
        () ->
            members.stream()
                .filter(ContainerMember::isRunning)
                .filter(ContainerMember::isLeading)
                .findFirst()
                .orElse(null));
  }

  List<ContainerMember> without(ContainerMember one) {
    return members.stream().filter(member -> member != one).toList();
  }

  @Override
  public void close() {
    members.forEach(ContainerMember::close);
    run(Map.of(), "down", "-v", "-t", "5");
  }
}
