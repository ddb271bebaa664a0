package io.leasehold.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of processes, as the kernel sees it. */
public final class ResidentMemory {
  private static final String FIELD = "VmRSS:";
  private static final long BYTES_IN_KIB = 1024;

  private ResidentMemory() {}

  /** Returns what a process has in memory, in bytes; 0 when it does not run. */
  public static long bytesOf(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
        if (line.startsWith(FIELD)) {
          String[] words = line.substring(FIELD.length()).strip().split("\\s+", -1);
          return Long.parseLong(words[0]) * BYTES_IN_KIB;
        }
      }
    } catch (IOException e) {
      // Ended.
    }
    return 0;
  }
}
