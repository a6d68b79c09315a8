# What run.sh is made of: fetching Kill Bill, its database server, Kill Bill itself.
# Work files are kept in $KILLBILL_HOME, so that a second run fetches nothing.
H="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
K="${KILLBILL_HOME:-${TMPDIR:-/tmp}/killbill-bench}"
RUN=$K/run
# The programs of the same PostgreSQL that the other side uses; else the machine's own.
PGBIN="${PGBIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)}"
PATH=$PGBIN:$PATH
mkdir -p "$K"
V=0.22.26
TC=9.0.117
. "$H/conf/env.sh"

as_server() { # PostgreSQL refuses to run as root
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

get() { # the war and Tomcat by Maven, once
  mkdir -p $K/war $K/tomcat-dl
  [ -s $K/war/killbill-profiles-killbill-$V.war ] || mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:2.10:copy -Dartifact=org.kill-bill.billing:killbill-profiles-killbill:$V:war -DoutputDirectory=$K/war  # 2.10: newer ones want a parent POM that is not published
  [ -s $K/tomcat-dl/tomcat-$TC.tar.gz ] || mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -Dartifact=org.apache.tomcat:tomcat:$TC:tar.gz -DoutputDirectory=$K/tomcat-dl
  [ -d $K/apache-tomcat-$TC ] || tar xzf $K/tomcat-dl/tomcat-$TC.tar.gz -C $K
  [ -x $K/load ] || (cd $H/load && go build -o $K/load .)
}

pg_start() {
  rm -rf $RUN/pg; mkdir -p $RUN/pg; chmod 755 $K $RUN
  [ "$(id -u)" = 0 ] && chown postgres:postgres $RUN/pg
  as_server $PGBIN/initdb -D $RUN/pg/data -U postgres -A trust -E UTF8 --no-locale >/dev/null
  cat >> $RUN/pg/data/postgresql.conf <<C
listen_addresses='127.0.0.1'
port=55432
unix_socket_directories='$RUN/pg'
max_connections=150
shared_buffers=1GB
effective_cache_size=4GB
work_mem=16MB
wal_buffers=16MB
max_wal_size=4GB
checkpoint_timeout=15min
synchronous_commit=$PG_SYNC
fsync=on
full_page_writes=on
wal_compression=on
random_page_cost=1.1
autovacuum_naptime=15s
${PG_EXTRA:-}
C
  as_server $PGBIN/pg_ctl -D $RUN/pg/data -w -l $RUN/pg/log start >/dev/null
  head -1 $RUN/pg/data/postmaster.pid > $RUN/pg.pid
  P="psql -h 127.0.0.1 -p 55432 -U postgres -q -X -v ON_ERROR_STOP=1"
  $P -c "create role killbill superuser login password 'killbill'" -c "create database killbill owner killbill" postgres
  local L=$K/x/WEB-INF/lib
  { unzip -p $L/killbill-util-$V.jar org/killbill/billing/util/ddl-postgresql.sql
    for m in account catalog entitlement invoice payment subscription tenant usage util beatrix; do unzip -p $L/killbill-$m-$V.jar org/killbill/billing/$m/ddl.sql; done
    unzip -p $L/killbill-queue-*.jar org/killbill/queue/ddl.sql; } > $RUN/ddl.sql
  psql -h 127.0.0.1 -p 55432 -U killbill -q -X -d killbill -f $RUN/ddl.sql > $RUN/ddl.log 2>&1
  grep -v 'NOTICE\|does not exist, skipping' $RUN/ddl.log | grep -i error && { echo "DDL errors"; return 1; } || true
}

kb_start() {
  rm -rf $RUN/tc $RUN/felix $RUN/bundles; mkdir -p $RUN/tc/{conf,temp,logs,work,webapps} $RUN/felix $RUN/bundles $RUN/logs
  cp $K/apache-tomcat-$TC/conf/web.xml $RUN/tc/conf/; cp $H/conf/server.xml $RUN/tc/conf/
  ln -s $K/x $RUN/tc/webapps/ROOT
  J2=${JDBC//&/\\&}; sed -e "s|@RUN@|$RUN|g;s|@JDBC@|$J2|;s|@DB_POOL@|$DB_POOL|;s|@PAY_THREADS@|$PAY_THREADS|;s|@NQ_MODE@|$NQ_MODE|;s|@NQ_SLEEP@|$NQ_SLEEP|;s|@NQ_CLAIMED@|$NQ_CLAIMED|;s|@NQ_THREADS@|$NQ_THREADS|;s|@NQ_CAP@|$NQ_CAP|;s|@BUS_MODE@|$BUS_MODE|;s|@BUS_CLAIMED@|$BUS_CLAIMED|;s|@BUS_THREADS@|$BUS_THREADS|;s|@BUS_SLEEP@|$BUS_SLEEP|;s|@LC_D@|$LC_D|;s|@LC_C@|$LC_C|" $H/conf/killbill.properties.tmpl > $RUN/killbill.properties
  local O=""; for p in java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent java.util.concurrent.atomic java.text java.math java.time sun.net.www.protocol.http sun.net.www.protocol.https sun.net.www.protocol.jar sun.net.www.protocol.file sun.net.www.protocol.jrt sun.nio.ch sun.security.util; do O="$O --add-opens=java.base/$p=ALL-UNNAMED"; done
  O="$O --add-opens=java.sql/java.sql=ALL-UNNAMED --add-opens=java.desktop/java.beans=ALL-UNNAMED --add-opens=java.management/javax.management=ALL-UNNAMED --add-opens=java.rmi/sun.rmi.transport=ALL-UNNAMED --add-opens=java.logging/java.util.logging=ALL-UNNAMED"
  local C=$K/apache-tomcat-$TC
  KB_T0=$(date +%s.%N)
  ( cd $RUN/tc; exec env KB_LOG=$KB_LOG TZ=UTC $JAVA_HOME/bin/java $JVM_HEAP $JVM_GC $O -Duser.timezone=GMT -Djava.awt.headless=true \
     -Dcatalina.base=$RUN/tc -Dcatalina.home=$C -Djava.io.tmpdir=$RUN/tc/temp \
     -Dorg.killbill.server.properties=file://$RUN/killbill.properties -DLOGS_DIR=$RUN/logs -Dlogback.configurationFile=file://$H/conf/logback.xml \
     -Djava.util.logging.config.file=/dev/null ${KB_JVM_EXTRA:-} \
     -cp $C/bin/bootstrap.jar:$C/bin/tomcat-juli.jar org.apache.catalina.startup.Bootstrap start ) > $RUN/kb.log 2>&1 &
  echo $! > $RUN/kb.pid
  for i in $(seq 1 1200); do
    [ "$(curl -s -o /dev/null -w '%{http_code}' -u admin:password http://127.0.0.1:18080/1.0/kb/nodesInfo)" = 200 ] && break
    kill -0 $(cat $RUN/kb.pid) 2>/dev/null || { echo "Kill Bill died"; tail -30 $RUN/kb.log; return 1; }
    sleep 0.1
  done
  KB_START_S=$(python3 -c "import time;print(round(time.time()-$KB_T0,1))"); echo $KB_START_S > $RUN/start_s
}

kb_stop() { [ -s $RUN/kb.pid ] && { kill $(cat $RUN/kb.pid) 2>/dev/null; for i in $(seq 1 100); do kill -0 $(cat $RUN/kb.pid) 2>/dev/null || break; sleep 0.2; done; kill -9 $(cat $RUN/kb.pid) 2>/dev/null; rm -f $RUN/kb.pid; } || true; }

pg_stop() { [ -s $RUN/pg.pid ] && as_server $PGBIN/pg_ctl -D $RUN/pg/data -m fast -w stop >/dev/null 2>&1; rm -rf $RUN/pg.pid $RUN/pg; }
