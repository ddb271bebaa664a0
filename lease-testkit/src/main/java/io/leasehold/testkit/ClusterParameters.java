package io.leasehold.testkit;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** What {@link LeaseholdTest} does. Stateless: JUnit keeps the cluster with the test class. */
final class ClusterParameters
    implements BeforeAllCallback, AfterAllCallback, AfterEachCallback, ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(ClusterParameters.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    LeaseholdTest annotation =
        AnnotationSupport.findAnnotation(
                context.getRequiredTestClass(),
                LeaseholdTest.class,
                context.getEnclosingTestClasses())
            .orElseThrow(() -> new IllegalStateException("only LeaseholdTest registers this"));
    // A nested class uses the cluster of the class around it.
    if (store(context).get(LeaseholdCluster.class) == null) {
      LeaseholdCluster cluster = LeaseholdCluster.of(annotation.members());
      store(context).put(LeaseholdCluster.class, cluster);
      LeaseholdCluster unused = cluster.open();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    cluster(context).restore();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    // Removes what was put with this class, not what a class around it has.
    LeaseholdCluster own = store(context).remove(LeaseholdCluster.class, LeaseholdCluster.class);
    if (own != null) {
      own.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == LeaseholdCluster.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return cluster(context);
  }

  private static LeaseholdCluster cluster(ExtensionContext context) {
    return store(context).get(LeaseholdCluster.class, LeaseholdCluster.class);
  }

  private static ExtensionContext.Store store(ExtensionContext context) {
    return context.getStore(NAMESPACE);
  }
}
