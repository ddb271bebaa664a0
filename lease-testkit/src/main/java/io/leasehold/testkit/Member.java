package io.leasehold.testkit;

/**
 * One member of a cluster, as a name for the buttons of {@link LeaseholdCluster}. It stays the same
 * when the member is killed and started again.
 *
 * @param number from 1
 * @param name n1, n2, n3, as in etcd's list of members
 * @param endpoint host and port for clients of this member alone
 */
public record Member(int number, String name, String endpoint) {
  @Override
  public String toString() {
    return name;
  }
}
