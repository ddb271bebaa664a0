package io.leasehold.bench.measure;

import java.util.Map;

/**
 * Processor time of a span.
 *
 * @param generatorSeconds of this process
 * @param serverSeconds of each server; empty when they are not known
 * @param foreignShare share of all processors that went to neither, from 0 to 1: what disturbed;
 *     NaN when servers ended meanwhile
 */
public record CpuUse(
    double generatorSeconds, Map<String, Double> serverSeconds, double foreignShare) {

  public double serversSeconds() {
    return serverSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
