"""The programme of a real meeting, held online from 31 October to 6 November 2020, as a secretariat would type it."""

ZONES = ("Europe/Brussels", "Europe/Lisbon", "Atlantic/Cape_Verde", "Africa/Libreville", "America/Sao_Paulo")
SESSIONS = (
    # id, day, time, title in English, French, Portuguese, languages
    ("opening", "2020-10-31", "10:00-11:00", "Opening session of the Meeting", "Séance d’ouverture de la Rencontre", "Sessão de abertura do Encontro", "fr, en"),
    ("policies", "2020-10-31", "11:00-13:00", "What good choices for public policies?", "Quels bons choix pour les politiques publiques ?", "Que boas escolhas para as políticas públicas?", "fr, en"),
    ("spiral", "2020-10-31", "14:00-17:00", "SPIRAL discovery workshop", "Atelier de découverte de SPIRAL", "Oficina de descoberta do SPIRAL", "fr, pt"),
    ("food", "2020-11-01", "morning", "Co-actors for food and health", "Coacteurs pour l’alimentation et la santé", "Coatores para a alimentação e a saúde", "fr, pt"),
    ("young", "2020-11-01", "16:00-18:00", "What are the possible choices for young people in precarious situations?", "Quels choix possibles pour les jeunes en situation de précarité ?", "Que escolhas são possíveis para os jovens em situação precária?", ""),
    ("spaces", "2020-11-01", "18:00-20:00", "Co-actors in the planning of spaces", "Coacteurs de l’aménagement des espaces", "Coatores do ordenamento dos espaços", "fr, pt"),
    ("codevelopment", "2020-11-02", "09:00-12:00", "Agree on the right choices through professional co-development", "S’accorder sur les bons choix par le codéveloppement professionnel", "Chegar a acordo sobre as boas escolhas através do codesenvolvimento profissional", "fr, en"),
    ("climate", "2020-11-02", "15:00-17:00", "Citizens for the climate", "Citoyens pour le climat", "Cidadãos pelo clima", "fr, pt"),
    ("authorities", "2020-11-03", "10:00-12:00", "The role of local authorities", "Le rôle des autorités locales", "O papel das autarquias locais", "fr, en"),
    ("feedback", "2020-11-03", "14:00-18:00", "Feedback on the SPIRAL application", "Retours sur l’application SPIRAL", "Opiniões sobre a aplicação SPIRAL", "fr, en"),
    ("conclusions", "2020-11-04", "10:00-12:00", "Conclusions and follow-up of the project", "Conclusions et suites du projet", "Conclusões e seguimento do projeto", "fr, en"),
    ("assembly", "2020-11-04", "16:00-19:00", "General Assembly of the network", "Assemblée générale du réseau", "Assembleia geral da rede", "fr, en, pt"),
    ("closing", "2020-11-04", "19:00", "Closing session and online friendship drink", "Séance de clôture et verre de l’amitié en ligne", "Sessão de encerramento e convívio online", "fr, en, pt"),
)
TITLES = {"en": "4th International Meeting", "fr": "4e Rencontre internationale", "pt": "4.º Encontro Internacional"}


def meetings_yml(prefix: str = "") -> str:
    """The file; ``prefix`` stands before the titles of the meeting."""
    lines = ["meetings:", "  - id: fourth", f"    title: {{{', '.join(f'{each}: {chr(34)}{prefix}{title}{chr(34)}' for each, title in TITLES.items())}}}",
             "    zone: Europe/Brussels", "    place: Online", "    sessions:"]
    for name, day, time, en, fr, pt, languages in SESSIONS:
        lines += [f"      - id: {name}", f'        title: {{en: "{en}", fr: "{fr}", pt: "{pt}"}}', f"        day: {day}",
                  f'        time: "{time}"', f'        languages: "{languages}"', f"        link: https://rooms.example.org/{name}"]
    return "\n".join([*lines, ""])
