import type { Topic } from './index';

/** La guía en español; temas y orden como en en.ts. */
export const topics: Topic[] = [
  {
    id: 'recording',
    title: 'Ver cómo se mira una grabación',
    also: ['Análisis de una grabación', 'View analytics', 'vídeo', 'imagen', 'audio'],
    text: `
1. Abra **Mis medios**. Cada fila es una grabación; encuentre la suya con el campo de búsqueda, o en cualquier parte con la tecla **/**.
2. Pulse su nombre. La página de la grabación se abre con el periodo que había elegido.

Dentro de su LMS se abre la misma página desde la navegación del curso o con el enlace de análisis del reproductor.

De arriba abajo, la página muestra las cifras clave, **Dónde se mira** (segundo a segundo), los espectadores con las partes que reprodujo cada uno, las cifras en el tiempo, el camino de mostrado a terminado, lugares, dispositivos, dominios y páginas. Una imagen no tiene línea de tiempo: sus espectadores son aquellos a quienes se mostró. Un cuestionario tiene en su lugar intentos, puntuaciones y respuestas.

Usted ve esta página de lo que posee o coedita, y de las grabaciones de los cursos y canales que imparte o gestiona. Lo que es de otros no se muestra, y parece no existir.
`,
  },
  {
    id: 'my-media',
    title: 'Ver junto todo lo suyo',
    also: ['My Analytics', 'mis análisis', 'propietario', 'todos los medios'],
    text: `
**Mis medios** muestra todas sus grabaciones como una sola: lo que allí se suma es lo que usted posee, salvo que elija otra cosa junto al título: lo que posee, lo que coedita, o ambas cosas.

La lista de grabaciones se puede buscar, ordenar por cada columna y pasar de página en página. Un nombre abre una grabación; una barra, esté donde esté, restringe toda la página a ella.

Los espectadores no se suman entre grabaciones: quien vio cinco de las suyas cuenta una vez en el total. Véase [por qué pueden diferir los números](/help/differ).
`,
  },
  {
    id: 'course',
    title: 'Ver un curso o un canal',
    also: ['Media Gallery', 'galería del curso', 'categoría', 'curso de Canvas'],
    text: `
Docentes, asistentes y diseñadores ven sus cursos; los gestores ven sus canales. Abra **Cursos y canales**, o pulse **/** y escriba el nombre del curso. Desde el LMS la página del curso se abre enseguida.

- **Ritmo de estudio** pone las grabaciones frente a las semanas: qué parte de la clase reprodujo qué, y cuándo.
- **Dónde se reproduce** reparte las reproducciones en tres: véase [galería, curso, otro lugar](/help/placement).
- **Quién no lo ha visto** conoce tres estados: **Visto**, **No visto** (mostrado, pero no reproducido) y **No se sabe**. «No se sabe» no es «no lo vio»: véase [lo que los nombres pueden y no pueden decir](/help/names).
- **Este semestre** toma sus días del LMS o del catálogo. **Comparar con la edición anterior** pone la edición pasada del curso detrás de esta, semana por semana.

En un curso usted ve nombres de personas en su galería y en sus páginas. Lo que la misma grabación recibió en otro lugar es un total sin nombres.
`,
  },
  {
    id: 'period',
    title: 'Elegir días y compararlos',
    also: ['Date range', 'periodo', 'fechas', 'últimos 30 días', 'desde la creación', 'zona horaria'],
    text: `
El botón del reloj dice qué días se muestran. Si no elige otros, son los **últimos 30 días hasta ayer**: hoy falta porque no ha terminado. Lo que ocurrió hoy está en la línea **Hoy hasta ahora**.

- Los ajustes previos son días enteros: 7, 30 o 90 días, 12 meses, esta semana, este mes, este trimestre, este año, este semestre, desde la creación. Junto a cada uno están su primer y su último día exactos.
- **Incluir hoy (sin terminar)** añade el día en curso. Desde la creación y los días escritos lo incluyen por sí mismos.
- Escriba un primer y un último día, elíjalos en el **Calendario** o arrastre sobre un gráfico, para cualquier otro intervalo.
- **Comparar con** pone detrás de cada cifra el periodo anterior, los mismos días de un año antes, otros tantos días desde cualquier día o la edición anterior de un curso: con trazo discontinuo en los gráficos, con una flecha en los recuadros. **También en tablas y listas** lo añade a cada una de sus filas.

Los días se cuentan en una sola zona horaria, nombrada bajo el título. Forma parte de la dirección: quien abra su enlace en otro lugar verá los días de usted.
`,
  },
  {
    id: 'filters',
    title: 'Filtrar lo que se muestra',
    also: ['Filter menu', 'tipo de medio', 'etiquetas', 'filtrar por lugar', 'vistas guardadas'],
    text: `
- Pulse una barra, una porción o un valor de una lista: toda la página muestra entonces solo eso. Púlselo de nuevo para quitarlo.
- **Filtrar** enumera todo aquello por lo que se puede filtrar: tipo de medio, etiqueta, propietario, grabación, curso, dónde se reprodujo, espectador, país, región, ciudad, dominio, página, dispositivo, sistema operativo, navegador y más. Tras cada valor está cuántas veces se reprodujo dentro de lo que se muestra.
- Los filtros están bajo el título como frases: «País **es** Alemania o India». Pulse el verbo para invertirlo: **es**, **no es**. **Contiene** y **no contiene** toman una parte del texto.
- Varios valores de un filtro significan *cualquiera de ellos*; varios filtros deben cumplirse *todos*.

Filtros, días y comparación están en la dirección. Un marcador o un enlace los conserva, y el botón Atrás del navegador quita el último. **Vistas guardadas** conserva una dirección con un nombre, para usted o para todos en la cuenta.
`,
  },
  {
    id: 'highlights',
    title: 'Las cifras clave de arriba',
    also: [
      'Highlights',
      'Player impressions',
      'impresiones',
      'Unique viewers',
      'minutos vistos',
      'reproducciones',
    ],
    text: `
| Cifra | Qué cuenta |
| **Impresiones** | cuántas veces se mostró un reproductor: una por reproductor y carga de página |
| **Reproducciones** | cuántas veces se vio un primer fotograma; seguir tras una pausa no es ninguna. Debajo: de cuántas grabaciones |
| **Espectadores únicos** | personas distintas. Todos los que no iniciaron sesión cuentan como **uno**, llamado Desconocido |
| **Minutos vistos** | minutos de la grabación que se reprodujeron de verdad, con repeticiones. A doble velocidad cuentan los minutos de la grabación, no los del reloj |
| **Punto alcanzado** | el punto alcanzado, de media sobre las reproducciones. **Más alto es mejor**, a pesar del nombre de Kaltura, «drop-off» |
| **Finalización** | la parte de la grabación reproducida de verdad, de media sobre las reproducciones |

Pulse un recuadro para dibujarlo en el gráfico de abajo. La «i» de cada uno tiene su definición, y **¿Por qué puede diferir este número?** hace la cuenta.

La flecha compara con el periodo elegido. Cuando la base es pequeña se muestran los dos números: «3 → 9» dice más que «+200 %». Las partes cambian en puntos (pt).
`,
  },
  {
    id: 'placement',
    title: 'Galería, curso, otro lugar',
    also: ['Category page views', 'contexto de reproducción', 'Dónde se reproduce'],
    text: `
Una grabación de un curso puede reproducirse en tres lugares:

- **Galería**: en la página de medios propia del curso o del canal.
- **En este curso**: incrustada en una página, un cuestionario o una tarea del curso. Aquí solo cuenta donde está probado: por un lanzamiento desde el LMS, por un token firmado o por la dirección de la página.
- **En otro lugar**: en cualquier otra parte, también donde el navegador no dice en qué página.

Kaltura muestra lo primero frente a la suma de todo, con el nombre *Category page views*. Aquí los tres suman las reproducciones de las grabaciones del curso.
`,
  },
  {
    id: 'top',
    title: 'Grabaciones y espectadores principales',
    also: ['Top Videos', 'Top Viewers', 'interacción', 'clasificación', 'puntuación'],
    text: `
**Grabaciones principales** sigue la puntuación de interacción, salvo que ordene de otro modo; cada lista nombra su orden en la cabecera de la columna. La puntuación va de 0 a 10: hasta 5 por reproducciones y 2,5 por espectadores, ambos frente a la mejor grabación de la lista, y hasta 2,5 por finalización. La clasificación de Kaltura se hace igual.

**Espectadores principales** sigue los minutos vistos, y con una pulsación las reproducciones. Un puesto alto significa que se comunicaron muchos minutos, nada más: véase [lo que los nombres pueden y no pueden decir](/help/names).
`,
  },
  {
    id: 'insights',
    title: 'Lo que destaca',
    also: ['Insights', 'dominio más visto', 'lugares', 'día con más actividad'],
    text: `
Frases que dicen lo que un gráfico le haría encontrar: el dominio con más reproducciones y su parte, los lugares principales, el dispositivo más usado, el día con más reproducciones, el segundo que más se volvió a ver, la pérdida más brusca. Cada una lleva al panel que la prueba.

No se mueven, las lee un lector de pantalla y se imprimen con la página.
`,
  },
  {
    id: 'timeline',
    title: 'Dónde se mira',
    also: [
      'línea de tiempo',
      'mapa de calor',
      'visualizaciones y espectadores',
      'final sin contenido',
      'dead air',
    ],
    text: `
La superficie muestra cuántas personas vieron cada segundo. Encima, en otro color, cuántas veces esas personas reprodujeron el segundo **de nuevo**. Una persona cuenta una vez por segundo por mucho que vuelva. Entre ambas, en gris, están las visualizaciones de quienes no iniciaron sesión: no se puede saber si una misma persona vino dos veces o si dos vinieron una; por eso se muestran aparte y cuentan como un solo espectador.

- Apunte, arrastre o use las flechas del teclado para leer cualquier segundo.
- Mientras la grabación se reproduce aquí, una línea muestra por dónde va. Al pulsar un segundo o un momento se reproduce desde allí; tras las flechas del teclado, también con Intro. Lo que reproduzca aquí no se cuenta, salvo que su institución muestre su propio reproductor en un marco.
- **Momentos** nombra lo que destaca: lo más visto de nuevo, una pérdida brusca, dónde termina el contenido.
- **Típico de este propietario** pone encima, con trazo discontinuo, cuántos de sus primeros espectadores conservan las grabaciones del mismo propietario y de duración parecida.
- **Final sin contenido**: a menudo casi todos se van a la vez antes del final, porque ya no viene nada. Entonces casi nadie llega al 100 %, y nada está mal. Los propietarios pueden marcar el final del contenido; la finalización cuenta entonces hasta allí.
`,
  },
  {
    id: 'parts',
    title: 'Qué partes reprodujo cada espectador',
    also: ['View Engagement Per User', 'interacción por espectador', 'mapa de calor por persona'],
    text: `
Cada fila es una persona, con una franja de toda la grabación. La altura y el color dicen cuántas veces se reprodujo cada segundo: nada, una vez, dos veces, más veces. **Partes en palabras** escribe lo mismo como tiempos: «0:00–4:30, 6:10–7:00 (2 veces)».

Quienes no iniciaron sesión son una sola fila, **Desconocido**. Un escudo significa que una firma probó el nombre; **declarado** significa que la página nombró a la persona y nada lo probó.

**Ocultar nombres** (el ojo) sustituye los nombres por códigos cortos, para mostrar su pantalla a otros.

Lea [lo que los nombres pueden y no pueden decir](/help/names) antes de concluir nada sobre una persona.
`,
  },
  {
    id: 'over-time',
    title: 'Las cifras en el tiempo',
    also: [
      'Performance over time',
      'View Details',
      'Avg. Drop Off Rate',
      'Avg. Completion Rate',
      'evolución',
    ],
    text: `
Pulse un recuadro para elegir qué se dibuja, y Día, Semana o Mes para el paso. La línea discontinua es el periodo con que se compara. Un final punteado es hoy, que aún crece. Arrastre sobre el gráfico para elegir esos días. Junto a la primera se puede poner una **segunda medida**; donde las dos no caben en una misma escala, cada una tiene la suya.

Bajo el eje están las **Notas**: grabaciones añadidas, momentos en que no se recogió nada y lo que escriben las personas, como un examen. La administración escribe sobre todo, los docentes sobre su curso, los propietarios sobre sus grabaciones.

**Tabla** muestra los mismos números; las tablas de abajo los desglosan por día, espectador, grabación y curso, como *View Details* en Kaltura. Con una comparación, cada fila dice bajo su número cómo cambió y desde cuánto.

- **Avg. drop off rate** se llama aquí *punto alcanzado*. Es la media del último cuarto que alcanzaron las reproducciones: 20 % cuenta 0, 80 % cuenta 75. Más alto es mejor.
- **Avg. completion rate** se llama *finalización*: lo que se reprodujo de verdad. Un salto al final no la aumenta.
- Mucha gente ve todo lo que importa y nunca llega al 100 %: véase el final sin contenido en [dónde se mira](/help/timeline).
`,
  },
  {
    id: 'funnel',
    title: 'De mostrado a terminado',
    also: ['How player impressions lead to engagement', 'embudo', 'cuartos', 'play-through'],
    text: `
Seis pasos a la vez: mostrado, reproducido, y 25, 50, 75, 100 %. Cada uno tiene su parte del primer paso y del anterior.

**Informado como alcanzado** es lo que los reproductores dijeron haber pasado; un salto al final pasa todas las marcas. **Realmente reproducido** cuenta solo las reproducciones en que esa parte se reprodujo de verdad. La distancia entre ambos es lo saltado.
`,
  },
  {
    id: 'places',
    title: 'Países, regiones y ciudades',
    also: ['Top Countries', 'mapa', 'geografía', 'lugar'],
    text: `
Los lugares se deducen de la dirección de red en el momento del visionado. La dirección misma no se conserva. Un país lleva a sus regiones, una región a sus ciudades; la lista junto al mapa es completa, el mapa la ilustra. Las regiones son superficies; las ciudades, puntos tan grandes como sus reproducciones; una región cuya forma no se conoce es también un punto.

Una VPN muestra el lugar de su salida, y una red móvil a menudo una sola ciudad para toda una región. Los espectadores que piden no ser rastreados cuentan sin región ni ciudad.
`,
  },
  {
    id: 'devices',
    title: 'Dispositivos y software',
    also: ['Devices Overview', 'navegadores', 'sistemas operativos', 'tecnología'],
    text: `
La clase de dispositivo, el sistema operativo y el navegador se deducen de lo que el navegador dice de sí mismo al reproducir; ese texto no se conserva. Las tabletas se llaman a menudo ordenadores. Cada porción y cada fila se puede pulsar para filtrar la página.
`,
  },
  {
    id: 'domains',
    title: 'Dominios y páginas',
    also: ['Top Domains', 'Page URLs', 'dominio desconocido', 'dónde está incrustado', 'kaf'],
    text: `
Un dominio es el sitio en el que estaba el reproductor; púlselo para ver sus páginas. Están ordenados por reproducciones. Las páginas se abren en una pestaña nueva; quizá usted no tenga derecho a abrirlas.

| Usted ve | Significa |
| la dirección de su LMS | se pegó un código de reproductor en una página del LMS |
| una dirección con «kaf» | el medio se abrió con la herramienta de Kaltura en el LMS; no hay nada que hacer |
| una dirección con «quiz-lti» | pegado en una pregunta de New Quizzes; no se puede decir cuál |
| una dirección que acaba en canvas-user-content.com | pegado en un archivo subido al LMS |
| una dirección con «scorm» | dentro de un paquete SCORM |
| googleusercontent.com | incrustado en un sitio de Google Sites |
| qualtrics.com | incrustado en una encuesta |
| articulateusercontent.com | dentro de un curso de Articulate |
| mediaspace | su propio portal de medios; no hay nada que hacer |
| página no revelada | el navegador dijo el sitio, y no la página |
| Desconocido, C:, localhost | una página guardada, una aplicación o un navegador que oculta dónde está |

Lo que su institución sabe de cada uno está en [Dominios e incrustaciones](/embeds). Para buscar páginas que necesitan un código nuevo, véase [encontrar incrustaciones](/help/embeds).
`,
  },
  {
    id: 'embeds',
    title: 'Encontrar incrustaciones que hay que actualizar',
    also: [
      'actualización del reproductor',
      'player upgrade',
      'código de incrustación',
      'inventario',
      'migración',
    ],
    text: `
1. Abra **Dominios e incrustaciones**. Muestra los últimos 12 meses.
2. Elija la **campaña**, por ejemplo una actualización del reproductor. Cada dominio dice entonces si sus incrustaciones necesitan actualizarse, por qué y para cuándo.
3. Abra un dominio para ver sus páginas, y en cada una las grabaciones con sus identificadores, reproducciones, primer y último día en que se vieron.
4. Actualice la página (se abre en una pestaña nueva) y márquela como **hecho**. Puede anotar quién lo hace, y una observación.
5. **Inventario como CSV** da toda la lista en un archivo.

Una página marcada como hecha que vuelve a reproducir a la manera antigua regresa por sí misma a la lista.

Lo que no se puede encontrar: las páginas que nadie abrió en el periodo, y aquellas cuya dirección no dice el navegador (New Quizzes, SCORM, algunas encuestas). De estas solo se conoce el dominio. Las páginas descargadas no se pueden cambiar.
`,
  },
  {
    id: 'naming',
    title: 'Publicar para que se nombre a los espectadores',
    also: ['espectadores desconocidos', 'no listada', 'unlisted', 'inicio de sesión', 'análisis por usuario'],
    text: `
Un espectador tiene nombre solo si la página que muestra el reproductor dice quién ha iniciado sesión, y lo prueba.

- **Con nombre**: medios añadidos al curso con la herramienta de medios del LMS; la galería del curso; una página de canal o de portal que exige iniciar sesión.
- **Desconocido**: un enlace a una grabación *no listada*, se pegue donde se pegue; una página del portal abierta sin iniciar sesión; un código pegado en una página fuera del LMS.
- **Declarado**: una página que nombra a una persona sin prueba. Tales nombres se marcan o se rechazan, según eligió su administración.

Para tener nombres la próxima vez: publique en el curso o canal, añada la grabación con el botón de medios del LMS en lugar de pegar un enlace, y no comparta enlaces no listados de lo que quiera seguir por persona.

La página de una grabación tiene la tarjeta **¿Se puede nombrar a los espectadores de esta grabación?** con sus propios números y las causas probables.
`,
  },
  {
    id: 'names',
    title: 'Lo que los nombres pueden y no pueden decir',
    also: ['límites', 'asistencia', 'nota de participación', 'no es prueba', 'estudiante que falta'],
    text: `
**No use esto como única medida de asistencia ni para una nota.** Da una imagen, no una prueba.

Un nombre significa: un reproductor con la sesión de esta persona informó de una reproducción. No dice que la persona estuviera sentada allí.

Un nombre que falta no prueba nada. Esto nunca nos llega:

- **Bloqueado**: los bloqueadores de contenido, las extensiones de privacidad y algunas VPN impiden que los reproductores informen. Normalmente unos pocos por ciento de las reproducciones.
- **Sin sesión**: quien llega por un enlace no listado, o antes de iniciar sesión, está en la fila Desconocido.
- **Descargado**: un archivo reproducido desde el disco no informa de nada.
- **Juntos**: diez personas ante una pantalla son un espectador.
- **Sin conexión**: lo que una aplicación retiene llega hasta días después.

Si un estudiante dice que lo vio y usted no lo ve, ambas cosas pueden ser ciertas. Pídale sus propios datos: todos pueden leer lo que se guarda de ellos en **Mis datos**.

Quien mira a espectadores con nombre queda escrito en el registro de accesos, que puede leer la administración y, para su propio nombre, los espectadores.
`,
  },
  {
    id: 'differ',
    title: 'Por qué pueden diferir los números',
    also: ['los números no coinciden', 'distinto de Kaltura', 'discrepancia', 'definiciones', 'prueba'],
    text: `
Abra la «i» junto a un número y pulse **¿Por qué puede diferir este número?** Hace la cuenta para ese número: qué se dejó fuera y cuánto, qué es según la regla de Kaltura, y las filas de que está hecho.

Razones frecuentes:

- **Días**: otra zona horaria, o el día de hoy incluido en uno y en el otro no.
- **Los espectadores no se suman**: una persona en tres días es tres en la suma de los días y una en el total.
- **Minutos**: los nuestros se cuentan por segundo reproducido de verdad. La manera antigua de Kaltura cuenta un cuarto por cada marca pasada: 4 de 10 minutos cuentan 2,5, un salto al final cuenta 10.
- **Finalización**: la nuestra no cuenta lo saltado; las marcas comunicadas, sí.
- **Robots y avalanchas** se dejan fuera aquí y se cuentan bajo el número.
- **Repeticiones**: el mismo evento enviado dos veces se cuenta una vez.
- **Visionado tardío**: un teléfono que estuvo sin conexión informa después; el pasado crece entonces un poco.

Cada total se calcula de nuevo a partir de filas, nunca de otros totales. Puede leer esas filas y llevárselas en un archivo.
`,
  },
  {
    id: 'export',
    title: 'Llevarse los números: archivos, impresión, enlaces',
    also: ['Export', 'CSV', 'Excel', 'XLSX', 'PDF', 'compartir', 'imprimir'],
    text: `
- **Un panel**: la flecha de su esquina da el resultado entero, no solo la página que ve, como CSV o Excel (XLSX), con la pregunta y las definiciones al principio.
- **La página**: **Exportar e imprimir** arriba enumera sus paneles; elija algunos o todos.
- **Impresión o PDF**: en el mismo lugar, **Imprimir o guardar como PDF**. La cabecera nombra entonces filtros, días, zona horaria y hora de los números. En el diálogo del navegador elija «Guardar como PDF».
- **Un enlace**: copie la dirección. Quien la abra verá la misma pregunta con sus propios derechos.
- **Los archivos grandes** se hacen en segundo plano y se guardan un día.

Donde un archivo nombra a personas lleva la frase de que no es prueba de asistencia, y llevárselo queda escrito en el registro de accesos.
`,
  },
  {
    id: 'live',
    title: 'Emisiones en directo',
    also: ['tiempo real', 'live now', 'DVR', 'webcast'],
    text: `
**En directo ahora** muestra quién ve qué en este minuto y sigue por sí mismo; **Pausar** lo detiene. Se distingue entre el directo y quien lo sigue con retraso (DVR); la carga, la tasa de bits y los errores muestran lo bien que se reproduce.

Debajo están las emisiones previstas, según el catálogo, y las que terminaron en los últimos siete días: el máximo de reproductores a la vez, los espectadores, los minutos y la última, minuto a minuto.

Una emisión en directo no tiene línea de tiempo por segundos hasta que es una grabación. Sus minutos cuentan según pasan, sin el tiempo de carga.
`,
  },
  {
    id: 'quality',
    title: '¿Se puede confiar en estos números?',
    also: ['data quality', 'filas erróneas', 'robots', 'integridad'],
    text: `
Para la administración. **Calidad de los datos** muestra qué llega cada minuto, qué no se pudo entender y por qué, qué se envió dos veces, los robots, los espectadores sin nombre y lo completos que están los datos: los reproductores numeran sus eventos, así que un hueco en los números es un evento perdido.

Los lugares, reproductores y páginas sin regla están enumerados, para que vea en qué se apoya un número. **Relojes de los dispositivos** muestra cuánto se apartan del reloj del servidor; los eventos se corrigen con la diferencia. Los reproductores que estaban sin conexión envían más tarde: lo que llegó tarde se pone en su sitio.
`,
  },
  {
    id: 'reconciliation',
    title: 'Comparar con las cifras de Kaltura',
    also: ['conciliación', 'reconciliation', 'importación de informes', 'por qué Kaltura dice otra cosa'],
    text: `
Para la administración, desde **Calidad de los datos**. Quien lleva el servidor lee las cifras de Kaltura de días pasados: reproducciones, impresiones y minutos de cada grabación. Se guardan aparte y nunca se suman a lo recogido aquí.

- Se comparan los días leídos, en la zona horaria en que se leyeron. Los demás días del periodo quedan fuera en ambos lados.
- Los minutos siguen en ambos lados la regla de Kaltura: diez segundos por señal de vida. En el resto de estas páginas los minutos se cuentan al segundo.
- Lo que difiere como mucho en un 2 %, o en dos, cuenta como igual.
- El motivo junto a una diferencia es el más probable: una página que solo envía a Kaltura, una recogida que empezó más tarde, señales de vida perdidas por el camino, robots excluidos aquí.

La flecha de la esquina se lleva la lista entera como CSV o Excel.
`,
  },
  {
    id: 'privacy',
    title: 'Qué se guarda de los espectadores',
    also: ['My record', 'registro de accesos', 'borrar', 'RGPD', 'protección de datos', 'ocultar nombres'],
    text: `
- Qué se reprodujo, cuándo, en qué clase de dispositivo, en qué lugar. *No* se guardan: direcciones de red, el texto del navegador sobre sí mismo, tokens de inicio de sesión.
- Los nombres están aparte de las cifras y se eliminan tras el plazo que fijó su institución. Las cifras quedan, sin la persona.
- **Mis datos** muestra a cada cual qué se guarda de él, y quién lo miró.
- La administración puede borrar a una persona; los totales quedan iguales hasta la última cifra.

La página *Protección de datos* de abajo lo dice por completo, con la persona a quien preguntar.
`,
  },
  {
    id: 'keyboard',
    title: 'Teclado, lectores de pantalla, aspecto',
    also: ['accesibilidad', 'atajos', 'modo oscuro', 'alto contraste', 'idioma', 'zoom'],
    text: `
- **/** abre la búsqueda. Se puede desactivar en su menú, y dentro de un LMS está desactivada.
- **Tab** llega a todo. En un gráfico, las flechas, Página, Inicio y Fin mueven un cursor que dice sus valores; **Tabla** los muestra todos.
- Las definiciones se abren con Intro y se cierran con Escape.
- Su menú tiene claro, oscuro y alto contraste, y el idioma. Las páginas siguen también los ajustes de su sistema: contraste, colores forzados, movimiento reducido, tamaño del texto.
- Todo funciona con un zoom del 400 % y en un teléfono. Las tablas anchas se desplazan dentro de sí mismas.
- La impresión es siempre clara, sin controles.
`,
  },
];
