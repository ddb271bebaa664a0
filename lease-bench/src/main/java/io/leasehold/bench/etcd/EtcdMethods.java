package io.leasehold.bench.etcd;

import io.leasehold.bench.wire.Method;

/** Methods of etcd's services. */
public final class EtcdMethods {
  public static final Method GRANT = Method.of("etcdserverpb.Lease/LeaseGrant");
  public static final Method REVOKE = Method.of("etcdserverpb.Lease/LeaseRevoke");
  public static final Method KEEP_ALIVE = Method.of("etcdserverpb.Lease/LeaseKeepAlive");
  public static final Method TIME_TO_LIVE = Method.of("etcdserverpb.Lease/LeaseTimeToLive");
  public static final Method LEASES = Method.of("etcdserverpb.Lease/LeaseLeases");
  public static final Method PUT = Method.of("etcdserverpb.KV/Put");
  public static final Method RANGE = Method.of("etcdserverpb.KV/Range");
  public static final Method TXN = Method.of("etcdserverpb.KV/Txn");
  public static final Method WATCH = Method.of("etcdserverpb.Watch/Watch");
  public static final Method LOCK = Method.of("v3lockpb.Lock/Lock");
  public static final Method UNLOCK = Method.of("v3lockpb.Lock/Unlock");

  private EtcdMethods() {}
}
