package io.leasehold.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a {@link LeaseholdCluster} for all tests of a class and hands it to whatever test, lifecycle
 * method or constructor has a parameter of that type. The same as a static field with {@code
 * RegisterExtension}.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(ClusterParameters.class)
public @interface LeaseholdTest {
  /** Returns how many members the cluster has: 1 or 3. */
  int members() default 1;
}
