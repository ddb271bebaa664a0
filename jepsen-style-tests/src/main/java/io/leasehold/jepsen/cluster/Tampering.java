package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is put between members and their machine.
 *
 * @param shim their wall clocks can be moved, and their syncs delayed and refused
 * @param wires packets between them can be delayed; needs network namespaces
 * @param monotonicBases their monotonic clocks begin far apart
 * @param clockRates how fast their clocks run, one member after the other and then from the first
 *     again; empty for true clocks
 */
public record Tampering(
    boolean shim, boolean wires, boolean monotonicBases, List<Double> clockRates) {
  public static final Tampering NONE = new Tampering(false, false, false, List.of());

  /** Far more than any machine has been up, and no multiple of anything. */
  private static final long BASE_SECONDS = 1_234_567;

  private static final Path LIBRARIES = Path.of("/usr/lib");
  private static final String RATE_LIBRARY = "faketime/libfaketimeMT.so.1";
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final Pattern RATE_LEFTOVER =
      Pattern.compile("(?:faketime_shm_|sem\\.faketime_sem_)(\\d+)");

  public Tampering {
    clockRates = List.copyOf(clockRates);
  }

  /** Says in one line why this cannot be done here; null when it can. */
  public @Nullable String reasonMissing() {
    String reason = shim || wires ? Native.reasonMissing() : null;
    if (reason == null && wires) {
      reason =
          Commands.works("test", "-c", "/dev/net/tun")
              ? null
              : "to delay packets needs /dev/net/tun";
    }
    if (reason == null && monotonicBases) {
      reason = reasonNoBases();
    }
    if (reason == null && !clockRates.isEmpty() && rateLibrary() == null) {
      reason = "clocks of other rates need libfaketime (Debian package faketime)";
    }
    return reason;
  }

  /** Says why monotonic clocks cannot begin elsewhere on this machine; null when they can. */
  public static @Nullable String reasonNoBases() {
    // Older kernels give the new clock to children alone, whose numbers we would not know.
    String differs =
        "[ \"$(unshare --time --monotonic 1000 readlink /proc/self/ns/time)\" !="
            + " \"$(readlink /proc/self/ns/time)\" ]"
            + " && unshare --time --monotonic 1000 true";
    return Commands.works("sh", "-c", differs)
        ? null
        : "monotonic clocks of their own for members need root and time namespaces";
  }

  /** Returns what stands before the command of a member, counted from 0. */
  List<String> commandPrefix(int member, @Nullable Shim of) {
    List<String> prefix = new ArrayList<>();
    if (monotonicBases) {
      String base = Long.toString(BASE_SECONDS * (member + 1));
      prefix.addAll(List.of("unshare", "--time", "--monotonic", base));
    }
    List<String> libraries = new ArrayList<>();
    List<String> variables = new ArrayList<>();
    if (!clockRates.isEmpty()) {
      libraries.add(String.valueOf(rateLibrary()));
      double rate = clockRates.get(member % clockRates.size());
      variables.add(String.format(Locale.ROOT, "FAKETIME=+0 x%.4f", rate));
      // Times of files are compared with each other, not with a clock.
      variables.add("NO_FAKE_STAT=1");
    }
    if (of != null) {
      libraries.add(of.library().toString());
      variables.addAll(of.variables());
    }
    if (!libraries.isEmpty()) {
      // By a program of its own, so that what stands before it runs by true clocks.
      prefix.add("env");
      prefix.add("LD_PRELOAD=" + String.join(":", libraries));
      prefix.addAll(variables);
    }
    return prefix;
  }

  /** The largest part by which a member's clock is faster or slower than it should be. */
  public double rho() {
    return clockRates.stream().mapToDouble(rate -> Math.abs(rate - 1)).max().orElse(0);
  }

  /** Removes what the library of rates leaves in shared memory when its process is killed. */
  static void sweep() {
    if (!Files.isDirectory(SHARED_MEMORY)) {
      return;
    }
    try (Stream<Path> files = Files.list(SHARED_MEMORY)) {
      for (Path file : files.toList()) {
        Matcher left = RATE_LEFTOVER.matcher(file.getFileName().toString());
        if (left.matches() && Owner.isGone(Long.parseLong(left.group(1)))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new ClusterException("cannot tidy up " + SHARED_MEMORY + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Path rateLibrary() {
    List<Path> places = new ArrayList<>(List.of(LIBRARIES));
    try (Stream<Path> architectures = Files.list(LIBRARIES)) {
      architectures.sorted().forEach(places::add);
    } catch (IOException e) {
      return null;
    }
    return places.stream()
        .map(place -> place.resolve(RATE_LIBRARY))
        .filter(Files::exists)
        .findFirst()
        .orElse(null);
  }
}
