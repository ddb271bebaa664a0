package io.leasehold.bench.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Processor time at a moment: of the generator, of each server, and of the whole machine.
 *
 * @param generatorSeconds of this process
 * @param serverPids the servers' processes, by name
 * @param serverSeconds by name; a server that does not run has 0
 * @param busySeconds of all processors of the machine, whoever used them
 * @param totalSeconds of all processors, used or not
 */
public record CpuTimes(
    double generatorSeconds,
    Map<String, Long> serverPids,
    Map<String, Double> serverSeconds,
    double busySeconds,
    double totalSeconds) {
  /** The kernel's unit in these files is the same everywhere that Java runs. */
  private static final double TICKS_IN_SECOND = 100;

  private static final Path PROC = Path.of("/proc");
  private static final int USER_TICKS = 11;
  private static final int SYSTEM_TICKS = 12;
  private static final int IDLE = 3;
  private static final int IO_WAIT = 4;
  private static final int STEAL = 7;

  /** Reads them now. */
  public static CpuTimes now(Map<String, Long> serverPids) {
    Map<String, Double> servers = new LinkedHashMap<>();
    serverPids.forEach((name, pid) -> servers.put(name, ofProcess(pid)));
    double idle = 0;
    double total = 0;
    String[] ticks = machineLine().strip().split("\\s+", -1);
    // The last two are part of the first two.
    for (int i = 0; i <= STEAL; i++) {
      double seconds = Long.parseLong(ticks[i + 1]) / TICKS_IN_SECOND;
      total += seconds;
      idle += i == IDLE || i == IO_WAIT ? seconds : 0;
    }
    return new CpuTimes(
        ofProcess(ProcessHandle.current().pid()), serverPids, servers, total - idle, total);
  }

  private static String machineLine() {
    try {
      return Files.readString(PROC.resolve("stat")).lines().findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double ofProcess(long pid) {
    try {
      String line = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
      // The program's name, in brackets, may itself hold blanks and brackets.
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
      return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]))
          / TICKS_IN_SECOND;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Returns what was spent since an earlier moment. */
  public CpuUse since(CpuTimes before) {
    Map<String, Double> servers = new LinkedHashMap<>();
    serverSeconds.forEach(
        (name, seconds) ->
            servers.put(name, Math.max(0, seconds - before.serverSeconds.getOrDefault(name, 0.0))));
    double generator = generatorSeconds - before.generatorSeconds;
    double known = generator + servers.values().stream().mapToDouble(Double::doubleValue).sum();
    double total = totalSeconds - before.totalSeconds;
    double foreign = busySeconds - before.busySeconds - known;
    // What a process that ended spent is known to nobody, and would pass for foreign.
    boolean isKnown = serverPids.equals(before.serverPids);
    double share = total <= 0 ? 0 : Math.max(0, foreign / total);
    return new CpuUse(generator, servers, isKnown ? share : Double.NaN);
  }
}
