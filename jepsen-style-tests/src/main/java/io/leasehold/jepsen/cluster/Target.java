package io.leasehold.jepsen.cluster;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program that serves etcd's interface: ours, or etcd, which shows that checkers can fail. */
public enum Target {
  LEASEHOLD {
    @Override
    public @Nullable String reasonMissing() {
      return Files.exists(distribution().resolve("jvm-options"))
          ? null
          : "the server is not built: no " + distribution() + "; run make dist";
    }

    @Override
    List<String> command(List<String> jvmOptions, List<Path> classesFirst) {
      Jdk jdk = Jdk.find();
      List<String> member = memberArguments(jdk.home());
      List<String> command = new ArrayList<>();
      command.add(jdk.java().toString());
      command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
      List<String> further = new ArrayList<>(member);
      further.addAll(furtherOptions());
      command.addAll(classesFirst.isEmpty() ? further : withoutArchives(further));
      command.addAll(jvmOptions);
      if (!classesFirst.isEmpty()) {
        List<String> classPath = new ArrayList<>();
        classesFirst.forEach(each -> classPath.add(each.toString()));
        classPath.add(member.get(member.size() - 1));
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath)));
      }
      command.add("io.leasehold.server.Main");
      return command;
    }
  },

  /** Debian's {@code etcd-server}, version 3.4; the service of that name need not run. */
  ETCD {
    @Override
    public @Nullable String reasonMissing() {
      return Commands.works("etcd", "--version")
          ? null
          : "etcd is not installed (Debian package etcd-server)";
    }

    @Override
    List<String> command(List<String> jvmOptions, List<Path> classesFirst) {
      return List.of("etcd");
    }
  };

  private static final long TRAINING_SECONDS_MAX = 180;

  /** Variable of the environment with options of members' JVMs, blanks between them. */
  private static final String FURTHER_OPTIONS = "JEPSEN_MEMBER_OPTIONS";

  /** Says in one line why this cannot run here; null when it can. */
  public abstract @Nullable String reasonMissing();

  /** Returns the command of a member, to which its flags are added. */
  abstract List<String> command(List<String> jvmOptions, List<Path> classesFirst);

  /** Where the server's distribution has its classes, in jars. */
  public static Path libraries() {
    return distribution().resolve("lib");
  }

  private static Path distribution() {
    return Repository.root().resolve("lease-server/target/dist");
  }

  /** What somebody wants to try out, or to make a member say. */
  private static List<String> furtherOptions() {
    String options = System.getenv().getOrDefault(FURTHER_OPTIONS, "").strip();
    return options.isEmpty() ? List.of() : List.of(options.split("\\s+", -1));
  }

  /** A JVM takes what an archive has from there, whatever comes first on its class path. */
  static List<String> withoutArchives(List<String> options) {
    return options.stream()
        .filter(
            option -> !option.startsWith("-XX:AOT") && !option.startsWith("-XX:SharedArchiveFile"))
        .toList();
  }

  /** How a JDK runs a member; the class path comes last. The first time it may take seconds. */
  private static List<String> memberArguments(Path javaHome) {
    Path script = Repository.root().resolve("scripts/member-jvm");
    return Commands.run(TRAINING_SECONDS_MAX, "sh", script.toString(), javaHome.toString())
        .lines()
        .toList();
  }
}
