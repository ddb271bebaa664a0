package io.leasehold.jepsen.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What cluster is wanted.
 *
 * @param home directory of this cluster alone; made when it does not exist
 * @param size number of members
 * @param flags further flags for every member
 * @param jvmOptions further options for the members' JVMs; etcd has none
 * @param environment further variables for every member
 * @param classesFirst directories of classes that count before the program's own; etcd has none
 * @param diskMebibytes size of the disk that each member gets for itself; 0 for a directory
 * @param tampering what is put between members and their machine
 */
public record ClusterPlan(
    Path home,
    Target target,
    int size,
    List<String> flags,
    List<String> jvmOptions,
    Map<String, String> environment,
    List<Path> classesFirst,
    int diskMebibytes,
    Tampering tampering) {
  private static final int SIZE_MAX = 9;

  public ClusterPlan {
    if (size < 1 || size > SIZE_MAX) {
      throw new IllegalArgumentException("size " + size + ": choose one from 1 to " + SIZE_MAX);
    }
    if (diskMebibytes < 0) {
      throw new IllegalArgumentException("diskMebibytes " + diskMebibytes + ": is negative");
    }
    home = home.toAbsolutePath();
    flags = List.copyOf(flags);
    jvmOptions = List.copyOf(jvmOptions);
    environment = Map.copyOf(environment);
    classesFirst = List.copyOf(classesFirst);
  }

  /** Three members with further flags, nothing else out of the ordinary. */
  public static ClusterPlan of(Path home, Target target, String... flags) {
    return new ClusterPlan(
        home, target, 3, List.of(flags), List.of(), Map.of(), List.of(), 0, Tampering.NONE);
  }

  public ClusterPlan withSize(int members) {
    return new ClusterPlan(
        home,
        target,
        members,
        flags,
        jvmOptions,
        environment,
        classesFirst,
        diskMebibytes,
        tampering);
  }

  public ClusterPlan withJvmOptions(List<String> options) {
    return new ClusterPlan(
        home, target, size, flags, options, environment, classesFirst, diskMebibytes, tampering);
  }

  public ClusterPlan withEnvironment(Map<String, String> variables) {
    return new ClusterPlan(
        home, target, size, flags, jvmOptions, variables, classesFirst, diskMebibytes, tampering);
  }

  public ClusterPlan withClassesFirst(List<Path> directories) {
    return new ClusterPlan(
        home, target, size, flags, jvmOptions, environment, directories, diskMebibytes, tampering);
  }

  public ClusterPlan withDisks(int mebibytes) {
    return new ClusterPlan(
        home, target, size, flags, jvmOptions, environment, classesFirst, mebibytes, tampering);
  }

  public ClusterPlan withTampering(Tampering other) {
    return new ClusterPlan(
        home, target, size, flags, jvmOptions, environment, classesFirst, diskMebibytes, other);
  }
}
